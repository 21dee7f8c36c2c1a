// JAX-WS: the measured interface as wsimport makes it of soap/bench.wsdl.
//
//   SoapPeer serve     prints "READY URL"; ends when standard input ends
//   SoapPeer call      takes jobs; see Driver

import bench.wire.Bench;
import bench.wire.BenchService;
import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.jws.WebService;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Endpoint;
import javax.xml.ws.soap.MTOMFeature;

final class SoapPeer {
    private static final int PENDING_CONNECTIONS_MAX = 100;

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("serve")) {
            serve();
            return;
        }
        // Eight clients keep eight connections.
        System.setProperty("http.maxConnections", "64");
        BenchService service = new BenchService(SoapPeer.class.getResource("/bench.wsdl"));
        Driver.serveJobs((address, measure) -> new Client(service, address, measure.equals("sum-octets")));
    }

    private static void serve() throws Exception {
        // Without it every answer waits for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), PENDING_CONNECTIONS_MAX);
        server.setExecutor(Executors.newCachedThreadPool());
        Endpoint.create(new Server()).publish(server.createContext("/bench"));
        server.start();
        System.out.print("READY http://127.0.0.1:" + server.getAddress().getPort() + "/bench\n");
        System.out.flush();
        InputStream input = System.in;
        while (input.read() >= 0) {
            // Nobody writes: the end is what is waited for.
        }
        System.exit(0);
    }

    /** The object. */
    @WebService(endpointInterface = "bench.wire.Bench", targetNamespace = "urn:rmix:bench",
            serviceName = "BenchService", portName = "BenchPort", wsdlLocation = "bench.wsdl")
    public static final class Server implements Bench {
        private final AtomicLong posts = new AtomicLong();

        @Override
        public void nothing() {
        }

        @Override
        public byte[] echo(byte[] bytes) {
            return bytes;
        }

        @Override
        public double sum(List<Double> values) {
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            return sum;
        }

        @Override
        public void post(byte[] bytes) {
            posts.incrementAndGet();
        }

        @Override
        public BigInteger count() {
            return BigInteger.valueOf(posts.get());
        }

        @Override
        public double sumOctets(byte[] octets) {
            ByteBuffer numbers = ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN);
            double sum = 0;
            while (numbers.hasRemaining()) {
                sum += numbers.getDouble();
            }
            return sum;
        }
    }

    private static final class Client implements Calls {
        private final Bench port;
        private List<Double> boxed;

        Client(BenchService service, String address, boolean beside) {
            port = beside ? service.getBenchPort(new MTOMFeature(1024)) : service.getBenchPort();
            ((BindingProvider) port).getRequestContext()
                    .put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, address);
        }

        @Override
        public void nothing() {
            port.nothing();
        }

        @Override
        public byte[] echo(byte[] bytes) {
            return port.echo(bytes);
        }

        @Override
        public double sum(double[] values) {
            if (boxed == null) {
                boxed = new ArrayList<>(values.length);
                for (double value : values) {
                    boxed.add(value);
                }
            }
            return port.sum(boxed);
        }

        @Override
        public void post(byte[] bytes) {
            port.post(bytes);
        }

        @Override
        public long count() {
            return port.count().longValue();
        }

        @Override
        public double sumOctets(byte[] octets) {
            return port.sumOctets(octets);
        }
    }
}
