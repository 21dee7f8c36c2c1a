// Serves the contract by both SOAP versions, and the rpc service, at a free port of 127.0.0.1:
// /contract, /contract12, /rpc, and /addressed and /guarded, which are rpc with WS-Addressing and with a
// user name token required. Says READY and the port; ends when standard input ends.

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.Endpoint;
import javax.xml.ws.handler.Handler;

final class PeerServer {
    public static void main(String[] arguments) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        server.setExecutor(threads);
        publish(server, "/contract", new Contract11(), "contract.xsd", "types.xsd");
        publish(server, "/contract12", new Contract12(), "contract.xsd", "types.xsd");
        publish(server, "/rpc", new RpcEndpoint());
        publish(server, "/addressed", new RpcAddressed());
        publish(server, "/guarded", new RpcGuarded(), List.of(Security.server()));
        server.start();
        System.out.println("READY " + server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // Nobody writes: the end is what is waited for.
        }
        server.stop(0);
        threads.shutdownNow();
        System.exit(0);
    }

    private static void publish(HttpServer server, String path, Object implementation,
            String... schemas) throws IOException {
        publish(server, path, implementation, List.of(), schemas);
    }

    private static void publish(HttpServer server, String path, Object implementation,
            List<Handler> handlers, String... schemas) throws IOException {
        List<Source> metadata = new ArrayList<>();
        for (String schema : schemas) {
            URL url = PeerServer.class.getResource("/" + schema);
            metadata.add(new StreamSource(url.openStream(), url.toExternalForm()));
        }
        Endpoint endpoint = Endpoint.create(implementation);
        endpoint.setMetadata(metadata);
        if (!handlers.isEmpty()) {
            endpoint.getBinding().setHandlerChain(handlers);
        }
        endpoint.publish(server.createContext(path));
    }
}
