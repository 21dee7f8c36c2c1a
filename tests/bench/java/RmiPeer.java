// Java RMI of the JDK.
//
//   RmiPeer serve     prints "READY PORT", the port of a registry of its own; ends when standard input ends
//   RmiPeer call      takes jobs; see Driver

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;

final class RmiPeer {
    private static final String NAME = "bench";

    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.rmi.server.hostname", "127.0.0.1");
        if (arguments[0].equals("serve")) {
            serve();
            return;
        }
        Driver.serveJobs((address, measure) -> {
            Registry registry = LocateRegistry.getRegistry("127.0.0.1", Integer.parseInt(address));
            return new Client((Bench) registry.lookup(NAME));
        });
    }

    private static void serve() throws Exception {
        int port = freePort();
        Registry registry = LocateRegistry.createRegistry(port);
        Server server = new Server();
        registry.rebind(NAME, UnicastRemoteObject.exportObject(server, 0));
        System.out.print("READY " + port + "\n");
        System.out.flush();
        InputStream input = System.in;
        while (input.read() >= 0) {
            // Nobody writes: the end is what is waited for.
        }
        System.exit(0);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What is measured. RMI knows no one-way call. */
    public interface Bench extends Remote {
        void nothing() throws RemoteException;

        byte[] echo(byte[] bytes) throws RemoteException;

        double sum(double[] values) throws RemoteException;
    }

    private static final class Server implements Bench {
        @Override
        public void nothing() {
        }

        @Override
        public byte[] echo(byte[] bytes) {
            return bytes;
        }

        @Override
        public double sum(double[] values) {
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            return sum;
        }
    }

    private static final class Client implements Calls {
        private final Bench remote;

        Client(Bench remote) {
            this.remote = remote;
        }

        @Override
        public void nothing() throws Exception {
            remote.nothing();
        }

        @Override
        public byte[] echo(byte[] bytes) throws Exception {
            return remote.echo(bytes);
        }

        @Override
        public double sum(double[] values) throws Exception {
            return remote.sum(values);
        }

        @Override
        public void post(byte[] bytes) {
            throw new UnsupportedOperationException("one-way");
        }

        @Override
        public long count() {
            throw new UnsupportedOperationException("one-way");
        }

        @Override
        public double sumOctets(byte[] octets) {
            throw new UnsupportedOperationException("octets");
        }
    }
}
