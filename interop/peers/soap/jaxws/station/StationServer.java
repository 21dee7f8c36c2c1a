// Serves the weather station by both SOAP versions at a free port of 127.0.0.1: /station and /station12.
// Says READY and the port; ends when standard input ends.

import com.sun.net.httpserver.HttpServer;
import example.weather.Reading;
import example.weather.Station;
import example.weather.UnknownPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.jws.WebService;
import javax.xml.ws.BindingType;
import javax.xml.ws.Endpoint;
import javax.xml.ws.soap.SOAPBinding;

public final class StationServer {
    // Guards itself and the count.
    private static final Map<String, Reading> READINGS = new HashMap<>();
    private static long count;

    public static void main(String[] arguments) throws IOException {
        remember("Oslo", -3.5, 1_700_000_000L);
        remember("Bergen", 6.25, 1_700_000_060L);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        // A one-way call is answered before it is made: with more threads, a count could overtake it.
        ExecutorService thread = Executors.newSingleThreadExecutor();
        server.setExecutor(thread);
        Endpoint.create(new Station11()).publish(server.createContext("/station"));
        Endpoint.create(new Station12()).publish(server.createContext("/station12"));
        server.start();
        System.out.println("READY " + server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // Nobody writes: the end is what is waited for.
        }
        server.stop(0);
        thread.shutdownNow();
        System.exit(0);
    }

    private static void remember(String place, double celsius, long at) {
        Reading reading = new Reading();
        reading.setPlace(place);
        reading.setCelsius(celsius);
        reading.setAt(at);
        READINGS.put(place, reading);
    }

    public abstract static class Base implements Station {
        public Reading latest(String place) throws UnknownPlace {
            synchronized (READINGS) {
                Reading reading = READINGS.get(place);
                if (reading == null) {
                    throw new UnknownPlace("nothing was reported for " + place, place);
                }
                return reading;
            }
        }

        public double mean(List<Double> celsius) {
            return celsius.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }

        public void report(Reading reading) {
            synchronized (READINGS) {
                READINGS.put(reading.getPlace(), reading);
                count++;
            }
        }

        public long count() {
            synchronized (READINGS) {
                return count;
            }
        }
    }

    @WebService(endpointInterface = "example.weather.Station", targetNamespace = "urn:example:weather",
        serviceName = "StationService", portName = "StationPort", wsdlLocation = "station.wsdl")
    public static class Station11 extends Base {}

    @WebService(endpointInterface = "example.weather.Station", targetNamespace = "urn:example:weather",
        serviceName = "StationService", portName = "StationPort12", wsdlLocation = "station.wsdl")
    @BindingType(SOAPBinding.SOAP12HTTP_BINDING)
    public static class Station12 extends Base {}
}
