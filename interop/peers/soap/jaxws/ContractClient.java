// Calls the contract by what wsimport made of it.
//
//     ContractClient WSDL|- ENDPOINT 1.1|1.2 USER [CASE...]
//
// The WSDL is read at run time too, and must have the contract's names; `-` is the contract itself.

import java.math.BigDecimal;
import java.net.URL;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;
import rmix.contract.Contract;
import rmix.contract.ContractService;
import rmix.contract.types.BlobInfo;
import rmix.contract.types.Card;
import rmix.contract.types.Cash;
import rmix.contract.types.Circle;
import rmix.contract.types.Item;
import rmix.contract.types.NoSuchPlace;
import rmix.contract.types.Node;
import rmix.contract.types.Payment;
import rmix.contract.types.Quality;
import rmix.contract.types.Reading;
import rmix.contract.types.Served;
import rmix.contract.types.SessionToken;
import rmix.contract.types.Settlement;
import rmix.contract.types.Shape;
import rmix.contract.types.Square;
import rmix.contract.types.Stats;

final class ContractClient {
    private final Contract contract;
    private final String user;

    private ContractClient(Contract contract, String user) {
        this.contract = contract;
        this.user = user;
    }

    public static void main(String[] arguments) throws Exception {
        URL wsdl = arguments[0].equals("-")
            ? ContractClient.class.getResource("/contract.wsdl")
            : new URL(arguments[0]);
        ContractService service = new ContractService(wsdl);
        Contract contract = port(service, arguments[2].equals("1.2"));
        ((BindingProvider) contract).getRequestContext()
            .put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, arguments[1]);
        List<String> names = Arrays.asList(arguments).subList(4, arguments.length);
        new ContractClient(contract, arguments[3]).cases().run(names);
    }

    // Descriptions of one contract differ in what they call the ports.
    private static Contract port(ContractService service, boolean newer) {
        Iterator<QName> ports = service.getPorts();
        while (ports.hasNext()) {
            QName name = ports.next();
            if (name.getLocalPart().contains("12") == newer) {
                return service.getPort(name, Contract.class);
            }
        }
        throw new IllegalArgumentException("there is no port of that version");
    }

    private Cases cases() {
        Cases cases = new Cases();
        cases.add("echo", () -> echo("Grüße, 世界 🌍"));
        cases.add("echo-markup", () -> echo("<a href=\"x\">&amp;</a> ]]>"));
        cases.add("echo-space", () -> echo("  two lines\n\tindented  "));
        cases.add("echo-empty", () -> echo(""));
        cases.add("add", () -> contract.add(1, 2));
        cases.add("add-negative", () -> contract.add(-2147483647, -1));
        cases.add("stats", () -> stats(1.0, 2.0, 3.75));
        cases.add("stats-up", () -> stats(1.0, Double.POSITIVE_INFINITY));
        cases.add("stats-down", () -> stats(Double.NEGATIVE_INFINITY, 1.5));
        cases.add("stats-nan", () -> stats(1.0, Double.NaN));
        cases.add("stats-none", () -> stats());
        cases.add("reading", () -> shown(contract.reading("Oslo")));
        cases.add("reading-nil", () -> shown(contract.reading("Bergen")));
        cases.add("reading-bare", () -> shown(contract.reading("Voss")));
        cases.add("reading-fault", () -> fault("Atlantis"));
        cases.add("revise", () -> revise(null, "windy", "a", "b c"));
        cases.add("revise-absent", () -> revise("warm", null));
        cases.add("revise-empty", () -> revise("", ""));
        cases.add("tree", this::tree);
        cases.add("blob", () -> blob(256));
        cases.add("blob-empty", () -> blob(0));
        cases.add("area-shape", () -> area(new Shape()));
        cases.add("area-circle", () -> area(circle(2)));
        cases.add("area-square", () -> area(square(2.5)));
        cases.add("pay", () -> pay("100.05", "2024-02-29"));
        cases.add("pay-exact", () -> pay("1234567890123456.05", "2024-12-01"));
        cases.add("label", () -> label("Title <1>", 7, "en"));
        cases.add("label-plain", () -> label("größe", -1, null));
        cases.add("running", () -> running(1, 2, 3));
        cases.add("running-none", () -> running());
        cases.add("settle-card", () -> settle("9.99", "49001234", null));
        cases.add("settle-cash", () -> settle("12.50", null, "20.25"));
        cases.add("whoami", this::whoami);
        cases.add("whoami-again", this::whoami);
        cases.add("notify", this::notifyTwice);
        cases.add("swap", this::swap);
        return cases;
    }

    private String echo(String text) {
        return Cases.brackets(contract.echo(text));
    }

    private String stats(Double... values) {
        Stats stats = contract.stats(Arrays.asList(values));
        return stats.getCount() + " " + Cases.number(stats.getMean()) + " "
            + Cases.number(stats.getMin()) + " " + Cases.number(stats.getMax());
    }

    // They differ in the name of the fault's message too, which is that of the class.
    private String fault(String place) throws ReflectiveOperationException {
        try {
            return shown(contract.reading(place));
        } catch (Exception fault) {
            NoSuchPlace unknown =
                (NoSuchPlace) fault.getClass().getMethod("getFaultInfo").invoke(fault);
            String known = String.join(",", unknown.getKnown());
            return "NoSuchPlace " + unknown.getPlace() + " [" + known + "]";
        }
    }

    private String revise(String note, String comment, String... tags) {
        return shown(contract.revise(Readings.of("Tromsø", 21.25, "2023-06-01T10:00:00Z",
            Arrays.asList(tags), Quality.BAD, note, comment)));
    }

    private static String shown(Reading reading) {
        String note = reading.getNote() == null ? "nil" : reading.getNote();
        String comment = reading.getComment() == null ? "absent" : reading.getComment();
        return String.join(" ", reading.getPlace(), Cases.number(reading.getCelsius()),
            reading.getAt().toGregorianCalendar().toInstant().toString(),
            "[" + String.join(",", reading.getTags()) + "]", reading.getQuality().value(),
            "note=" + note, "comment=" + comment);
    }

    private Object tree() {
        Node twig = node("twig", node("branch", node("leaf")));
        return contract.tree(node("root", node("leaf"), twig));
    }

    private static Node node(String name, Node... children) {
        Node node = new Node();
        node.setName(name);
        node.getChildren().addAll(Arrays.asList(children));
        return node;
    }

    private String blob(int length) {
        byte[] data = new byte[length];
        for (int index = 0; index < length; index++) {
            data[index] = (byte) index;
        }
        BlobInfo info = contract.blob(data);
        StringBuilder hex = new StringBuilder();
        for (byte one : info.getSha256()) {
            hex.append(String.format("%02x", one));
        }
        return info.getSize() + " " + hex;
    }

    private String area(Shape shape) {
        shape.setName(shape.getClass().getSimpleName());
        return Cases.number(contract.area(shape));
    }

    private static Circle circle(double radius) {
        Circle circle = new Circle();
        circle.setRadius(radius);
        return circle;
    }

    private static Square square(double side) {
        Square square = new Square();
        square.setSide(side);
        return square;
    }

    private String pay(String amount, String on) {
        BigDecimal paid = contract.pay(new BigDecimal(amount), Readings.calendar(on));
        return paid.toPlainString();
    }

    private String label(String text, int id, String lang) {
        Item item = new Item();
        item.setValue(text);
        item.setId(id);
        item.setLang(lang);
        Item answer = contract.label(item);
        String answered = answer.getLang() == null ? "absent" : answer.getLang();
        return answer.getId() + " " + answered + " " + answer.getValue();
    }

    private String running(Integer... numbers) {
        return contract.running(Arrays.asList(numbers)).stream().map(String::valueOf)
            .collect(Collectors.joining(",", "[", "]"));
    }

    private String settle(String amount, String number, String tendered) {
        Payment payment = new Payment();
        payment.setAmount(new BigDecimal(amount));
        if (number != null) {
            payment.setCard(new Card());
            payment.getCard().setNumber(number);
        } else {
            payment.setCash(new Cash());
            payment.getCash().setTendered(new BigDecimal(tendered));
        }
        Settlement settlement = contract.settle(payment);
        return settlement.getApproval() != null
            ? "approval " + settlement.getApproval()
            : "change " + settlement.getChange().toPlainString();
    }

    private String whoami() {
        SessionToken token = new SessionToken();
        token.setUser(user);
        token.setId(7);
        Holder<Served> served = new Holder<>();
        return contract.whoami(token, served) + " " + served.value.getCount();
    }

    private String notifyTwice() {
        contract.notify(user + " one");
        contract.notify(user + " two");
        return contract.notified(user, 2).stream().sorted()
            .collect(Collectors.joining(",", "[", "]"));
    }

    private String swap() {
        Holder<String> a = new Holder<>("left");
        Holder<String> b = new Holder<>("right");
        contract.swap(a, b);
        return a.value + " " + b.value;
    }
}
