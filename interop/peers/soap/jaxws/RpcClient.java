// Calls the service of style rpc and use literal by what wsimport made of it.
//
//     RpcClient WSDL|- ENDPOINT 1.1 USER [CASE...]
//
// The environment variable SOAP_HEADERS says what goes along, with commas between: addressing, text,
// digest (a user name token).

import java.net.URL;
import java.util.Arrays;
import java.util.List;
import javax.xml.ws.Binding;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;
import javax.xml.ws.soap.AddressingFeature;
import rmix.rpc.Rpc;
import rmix.rpc.RpcService;
import rmix.rpc.types.Point;
import rmix.rpc.types.Words;

final class RpcClient {
    public static void main(String[] arguments) throws Exception {
        URL wsdl = arguments[0].equals("-")
            ? RpcClient.class.getResource("/rpc.wsdl")
            : new URL(arguments[0]);
        String environment = System.getenv("SOAP_HEADERS");
        List<String> headers = Arrays.asList((environment == null ? "" : environment).split(","));
        Rpc rpc = headers.contains("addressing")
            ? new RpcService(wsdl).getRpcPort(new AddressingFeature(true, true))
            : new RpcService(wsdl).getRpcPort();
        if (headers.contains("text") || headers.contains("digest")) {
            Binding binding = ((BindingProvider) rpc).getBinding();
            binding.setHandlerChain(List.of(Security.client(headers.contains("digest"))));
        }
        ((BindingProvider) rpc).getRequestContext()
            .put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, arguments[1]);
        Cases cases = new Cases();
        cases.add("distance", () -> Cases.number(rpc.distance(point(1, 2), point(4, 6))));
        cases.add("midpoint", () -> {
            Point middle = rpc.midpoint(point(1, -5), point(2, 1));
            return Cases.number(middle.getX()) + " " + Cases.number(middle.getY());
        });
        cases.add("join", () -> Cases.brackets(rpc.join(words("a", "b <c>", "ü"), ", ")));
        cases.add("join-none", () -> Cases.brackets(rpc.join(words(), ", ")));
        cases.add("divide", () -> {
            Holder<Integer> quotient = new Holder<>();
            Holder<Integer> remainder = new Holder<>();
            rpc.divide(17, 5, quotient, remainder);
            return quotient.value + " " + remainder.value;
        });
        cases.run(Arrays.asList(arguments).subList(4, arguments.length));
    }

    private static Point point(double x, double y) {
        Point point = new Point();
        point.setX(x);
        point.setY(y);
        return point;
    }

    private static Words words(String... words) {
        Words all = new Words();
        all.getWord().addAll(Arrays.asList(words));
        return all;
    }
}
