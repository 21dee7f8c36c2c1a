// What the server remembers between calls: calls by session, and notifications.

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class Memory {
    private static final long WAIT_NANOSECONDS_MAX = 10_000_000_000L;
    private static final Map<String, Integer> CALLS = new HashMap<>();
    private static final List<String> NOTIFIED = new ArrayList<>();

    static int served(String caller) {
        synchronized (CALLS) {
            return CALLS.merge(caller, 1, Integer::sum);
        }
    }

    static void remember(String text) {
        synchronized (NOTIFIED) {
            NOTIFIED.add(text);
            NOTIFIED.notifyAll();
        }
    }

    static List<String> remembered(String prefix, int count) {
        long deadline = System.nanoTime() + WAIT_NANOSECONDS_MAX;
        synchronized (NOTIFIED) {
            while (true) {
                List<String> found = new ArrayList<>();
                NOTIFIED.stream().filter(text -> text.startsWith(prefix)).forEach(found::add);
                long milliseconds = (deadline - System.nanoTime()) / 1_000_000;
                if (found.size() >= count || milliseconds <= 0) {
                    return found;
                }
                try {
                    NOTIFIED.wait(milliseconds);
                } catch (InterruptedException ended) {
                    return found;
                }
            }
        }
    }
}
