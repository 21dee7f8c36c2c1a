// Calls the weather station, whose description it reads at run time.
//
//     StationClient WSDL 1.1|1.2
//
// Reads commands, one a line with blanks between their words: `latest PLACE`,
// `mean [CELSIUS...]`, `report PLACE CELSIUS AT` (one-way, then `count`), `count`, `bench latest CALLS`.
// Answers each with one line of JSON: {"ok": ...}, {"error": ...} for a declared fault,
// {"failure": TEXT} for any other. Ends when standard input ends.

import example.weather.Offline_Exception;
import example.weather.Reading;
import example.weather.Station;
import example.weather.StationService;
import example.weather.UnknownPlace;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class StationClient {
    private final Station station;

    private StationClient(Station station) {
        this.station = station;
    }

    public static void main(String[] arguments) throws Exception {
        StationService service = new StationService(new URL(arguments[0]));
        StationClient client = new StationClient(arguments[1].equals("1.2")
            ? service.getStationPort12()
            : service.getStationPort());
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(client.answer(Arrays.asList(line.split(" "))));
        }
    }

    private String answer(List<String> words) {
        try {
            return "{\"ok\":" + result(words) + "}";
        } catch (UnknownPlace fault) {
            return "{\"error\":{\"UnknownPlace\":" + quoted(fault.getFaultInfo()) + "}}";
        } catch (Offline_Exception fault) {
            return "{\"error\":\"Offline\"}";
        } catch (RuntimeException failure) {
            return "{\"failure\":" + quoted(failure.toString()) + "}";
        }
    }

    private String result(List<String> words) throws UnknownPlace, Offline_Exception {
        switch (words.get(0)) {
            case "latest":
                return shown(station.latest(words.get(1)));
            case "mean":
                List<Double> celsius = new ArrayList<>();
                words.subList(1, words.size()).forEach(word -> celsius.add(Double.valueOf(word)));
                return Double.toString(station.mean(celsius));
            case "report":
                station.report(reading(words.get(1), words.get(2), words.get(3)));
                return Long.toString(station.count());
            case "count":
                return Long.toString(station.count());
            case "bench":
                return bench(Integer.parseInt(words.get(2)));
            default:
                throw new IllegalArgumentException("there is no command " + words.get(0));
        }
    }

    private String bench(int calls) throws UnknownPlace, Offline_Exception {
        long[] nanoseconds = new long[calls];
        for (int call = 0; call < calls; call++) {
            long began = System.nanoTime();
            station.latest("Oslo");
            nanoseconds[call] = System.nanoTime() - began;
        }
        Arrays.sort(nanoseconds);
        return "{\"p50_us\":" + nanoseconds[calls / 2] / 1000.0 + "}";
    }

    private static Reading reading(String place, String celsius, String at) {
        Reading reading = new Reading();
        reading.setPlace(place);
        reading.setCelsius(Double.parseDouble(celsius));
        reading.setAt(Long.parseLong(at));
        return reading;
    }

    private static String shown(Reading reading) {
        return "{\"place\":" + quoted(reading.getPlace()) + ",\"celsius\":" + reading.getCelsius()
            + ",\"at\":" + reading.getAt() + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter < ' ' || letter == '"' || letter == '\\') {
                quoted.append(String.format("\\u%04x", (int) letter));
            } else {
                quoted.append(letter);
            }
        }
        return quoted.append('"').toString();
    }
}
