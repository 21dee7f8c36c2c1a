// Runs cases and prints one line for each, its name first. A case that fails is told on standard
// error, the others go on, and the exit status is 1.

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class Cases {
    interface Case {
        Object answer() throws Exception;
    }

    private final Map<String, Case> known = new LinkedHashMap<>();

    void add(String name, Case one) {
        known.put(name, one);
    }

    void run(List<String> names) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        boolean failed = false;
        Collection<String> chosen = names.isEmpty() ? known.keySet() : names;
        for (String name : chosen) {
            try {
                out.println(name + " " + known.get(name).answer());
            } catch (Exception error) {
                System.err.println(name + ": " + error);
                failed = true;
            }
        }
        System.exit(failed ? 1 : 0);
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "INF" : "-INF";
        }
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    static String brackets(String text) {
        return "[" + text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "]";
    }
}
