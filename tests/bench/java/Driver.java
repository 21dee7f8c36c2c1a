// The client's side of measurements: it takes one job after the other from standard input, so that what the virtual
// machine has compiled stays compiled. A job is a line
//
//   MEASURE ADDRESS MILLISECONDS SERVER_PID WARM_UP_MILLISECONDS
//
// It connects, calls until the time to warm up is over, prints "READY", waits for a line, measures, and prints
// "RESULT UNITS WALL_NS OWN_NS SERVER_NS SAMPLES", followed by the samples, 32 bits each, the lowest byte first.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class Driver {
    /** Opens a connection of its own. */
    interface Connect {
        Calls to(String address, String measure) throws Exception;
    }

    private interface Call {
        void make() throws Exception;
    }

    private static final int WARM_UP_CALLS = 500;
    private static final int POST_BYTES = 64;
    private static final int POSTS_PER_LOOK = 1000;
    private static final int SAMPLES_MAX = 1 << 20;
    private static final long COUNT_NS_MAX = 20_000_000_000L;

    private final BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    private final PrintStream output = System.out;
    private final int[] samples = new int[SAMPLES_MAX];
    private int sampleCount;

    static void serveJobs(Connect connect) throws Exception {
        Driver driver = new Driver();
        driver.say("READY");
        for (String line = driver.input.readLine(); line != null; line = driver.input.readLine()) {
            driver.run(connect, line.split(" "));
        }
    }

    private void run(Connect connect, String[] job) throws Exception {
        String[] measure = job[0].split(":");
        int number = measure.length > 1 ? Integer.parseInt(measure[1]) : 0;
        int clients = measure[0].equals("clients") ? number : 1;
        long duration = Long.parseLong(job[2]) * 1_000_000;
        long warmUp = Long.parseLong(job[4]) * 1_000_000;
        List<Call> calls = new ArrayList<>();
        List<Calls> connected = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            Calls one = connect.to(job[1], job[0]);
            connected.add(one);
            calls.add(call(one, measure[0], number));
        }
        for (int client = 0; client < clients; client++) {
            warmUp(connected.get(client), calls.get(client), measure[0], warmUp / clients);
        }
        sampleCount = 0;
        say("READY");
        input.readLine();
        long own = cpu("self");
        long server = cpu(job[3]);
        long start = System.nanoTime();
        long units;
        if (measure[0].equals("one-way")) {
            units = oneWay(connected.get(0), start + duration);
        } else if (clients > 1) {
            units = many(calls, start + duration);
        } else {
            units = each(calls.get(0), start + duration, samples);
            sampleCount = (int) Math.min(units, SAMPLES_MAX);
        }
        long wall = System.nanoTime() - start;
        say("RESULT " + units + " " + wall + " " + (cpu("self") - own) + " " + (cpu(job[3]) - server)
                + " " + sampleCount);
        ByteBuffer bytes = ByteBuffer.allocate(sampleCount * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(samples, 0, sampleCount);
        output.write(bytes.array(), 0, bytes.capacity());
        output.flush();
    }

    private static Call call(Calls client, String measure, int number) {
        switch (measure) {
            case "echo": {
                byte[] bytes = new byte[number];
                Arrays.fill(bytes, (byte) 0x5a);
                return () -> check(client.echo(bytes).length == number, "echo");
            }
            case "sum": {
                double[] values = values();
                double right = Arrays.stream(values).reduce(0, Double::sum);
                return () -> check(client.sum(values) == right, "sum");
            }
            case "sum-octets": {
                double[] values = values();
                double right = Arrays.stream(values).reduce(0, Double::sum);
                ByteBuffer octets = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
                octets.asDoubleBuffer().put(values);
                return () -> check(client.sumOctets(octets.array()) == right, "sum of octets");
            }
            default:
                return client::nothing;
        }
    }

    /** Roots: as text they are as long as doubles are. */
    private static double[] values() {
        double[] values = new double[Calls.SUM_VALUES];
        Arrays.setAll(values, index -> Math.sqrt(index));
        return values;
    }

    private static void warmUp(Calls client, Call call, String measure, long nanoseconds) throws Exception {
        boolean oneWay = measure.equals("one-way");
        byte[] bytes = new byte[POST_BYTES];
        long end = System.nanoTime() + nanoseconds;
        for (int index = 0; index < WARM_UP_CALLS && System.nanoTime() < end; index++) {
            client.nothing();
        }
        do {
            call.make();
            if (oneWay) {
                client.post(bytes);
            }
        } while (System.nanoTime() < end);
    }

    private static long each(Call call, long end, int[] samples) throws Exception {
        long before = System.nanoTime();
        long calls = 0;
        while (before < end) {
            call.make();
            long after = System.nanoTime();
            if (calls < samples.length) {
                samples[(int) calls] = (int) Math.min(after - before, Integer.MAX_VALUE);
            }
            before = after;
            calls++;
        }
        return calls;
    }

    private long many(List<Call> calls, long end) throws Exception {
        List<Thread> threads = new ArrayList<>();
        int[][] times = new int[calls.size()][SAMPLES_MAX / calls.size()];
        long[] counts = new long[calls.size()];
        List<Exception> failures = new ArrayList<>();
        for (int index = 0; index < calls.size(); index++) {
            int client = index;
            Thread thread = new Thread(() -> {
                try {
                    counts[client] = each(calls.get(client), end, times[client]);
                } catch (Exception failure) {
                    synchronized (failures) {
                        failures.add(failure);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        for (int client = 0; client < counts.length; client++) {
            int taken = (int) Math.min(counts[client], times[client].length);
            System.arraycopy(times[client], 0, samples, sampleCount, taken);
            sampleCount += taken;
        }
        return Arrays.stream(counts).sum();
    }

    private static long oneWay(Calls client, long end) throws Exception {
        byte[] bytes = new byte[POST_BYTES];
        long counted = settledCount(client);
        long posts = 0;
        while (System.nanoTime() < end) {
            for (int index = 0; index < POSTS_PER_LOOK; index++) {
                client.post(bytes);
            }
            posts += POSTS_PER_LOOK;
        }
        long last = System.nanoTime() + COUNT_NS_MAX;
        while (client.count() - counted != posts) {
            check(System.nanoTime() < last, "one-way: messages were lost");
        }
        return posts;
    }

    /** The count once what warmed up is counted as well. */
    private static long settledCount(Calls client) throws Exception {
        long before = client.count();
        for (int same = 0; same < 100; same++) {
            long now = client.count();
            same = now == before ? same : 0;
            before = now;
        }
        return before;
    }

    private static void check(boolean right, String what) {
        if (!right) {
            throw new IllegalStateException("wrong result of " + what);
        }
    }

    /** User and system time of all threads of a process, in nanoseconds. */
    private static long cpu(String process) throws IOException {
        long total = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", process, "task"))) {
            for (Path thread : threads) {
                try {
                    String text = Files.readString(thread.resolve("schedstat"));
                    total += Long.parseLong(text.substring(0, text.indexOf(' ')));
                } catch (NoSuchFileException ended) {
                    // A thread may end between listing and reading.
                    continue;
                }
            }
        }
        return total;
    }

    private void say(String line) {
        output.print(line + "\n");
        output.flush();
    }
}
