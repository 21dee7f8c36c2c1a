// The service of style rpc and use literal.

import javax.jws.WebService;
import javax.xml.ws.Holder;
import rmix.rpc.Rpc;
import rmix.rpc.types.Point;
import rmix.rpc.types.Words;

@WebService(endpointInterface = "rmix.rpc.Rpc", targetNamespace = "urn:rmix:rpc",
    serviceName = "RpcService", portName = "RpcPort", wsdlLocation = "rpc.wsdl")
public class RpcEndpoint implements Rpc {
    public double distance(Point from, Point to) {
        return Math.hypot(to.getX() - from.getX(), to.getY() - from.getY());
    }

    public Point midpoint(Point from, Point to) {
        Point middle = new Point();
        middle.setX((from.getX() + to.getX()) / 2);
        middle.setY((from.getY() + to.getY()) / 2);
        return middle;
    }

    public String join(Words words, String separator) {
        return String.join(separator, words.getWord());
    }

    public void divide(int dividend, int divisor, Holder<Integer> quotient, Holder<Integer> remainder) {
        quotient.value = dividend / divisor;
        remainder.value = dividend % divisor;
    }
}
