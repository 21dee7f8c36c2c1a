// What the operations of the contract do, for the endpoints of both SOAP versions.

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.ws.Holder;
import rmix.contract.Contract;
import rmix.contract.NoSuchPlaceFault;
import rmix.contract.types.BlobInfo;
import rmix.contract.types.Circle;
import rmix.contract.types.Item;
import rmix.contract.types.Node;
import rmix.contract.types.Payment;
import rmix.contract.types.Reading;
import rmix.contract.types.Served;
import rmix.contract.types.SessionToken;
import rmix.contract.types.Settlement;
import rmix.contract.types.Shape;
import rmix.contract.types.Square;
import rmix.contract.types.Stats;

abstract class ContractBase implements Contract {
    public String echo(String text) {
        return text;
    }

    public int add(int a, int b) {
        return a + b;
    }

    public Stats stats(List<Double> values) {
        double sum = 0;
        double min = values.isEmpty() ? Double.NaN : values.get(0);
        double max = min;
        for (double value : values) {
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        Stats stats = new Stats();
        stats.setCount(values.size());
        stats.setMean(sum / values.size());
        stats.setMin(min);
        stats.setMax(max);
        return stats;
    }

    public Reading reading(String place) throws NoSuchPlaceFault {
        return Places.at(place);
    }

    public Reading revise(Reading reading) {
        reading.setCelsius(reading.getCelsius() + 0.5);
        Collections.reverse(reading.getTags());
        return reading;
    }

    public int tree(Node node) {
        int below = 0;
        for (Node child : node.getChildren()) {
            below = Math.max(below, tree(child));
        }
        return below + 1;
    }

    public BlobInfo blob(byte[] data) {
        try {
            BlobInfo info = new BlobInfo();
            info.setSize(data.length);
            info.setSha256(MessageDigest.getInstance("SHA-256").digest(data));
            return info;
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
    }

    public double area(Shape shape) {
        if (shape instanceof Circle) {
            double radius = ((Circle) shape).getRadius();
            return Math.PI * radius * radius;
        }
        if (shape instanceof Square) {
            double side = ((Square) shape).getSide();
            return side * side;
        }
        return 0;
    }

    public BigDecimal pay(BigDecimal amount, XMLGregorianCalendar on) {
        return amount.add(BigDecimal.valueOf(on.getDay(), 2)).setScale(2, RoundingMode.UNNECESSARY);
    }

    public Item label(Item item) {
        item.setId(item.getId() + 1);
        StringBuilder upper = new StringBuilder();
        for (char one : item.getValue().toCharArray()) {
            upper.append(one < 128 ? Character.toUpperCase(one) : one);
        }
        item.setValue(upper.toString());
        return item;
    }

    public List<Integer> running(List<Integer> numbers) {
        List<Integer> sums = new ArrayList<>();
        int sum = 0;
        for (int number : numbers) {
            sum += number;
            sums.add(sum);
        }
        return sums;
    }

    public Settlement settle(Payment payment) {
        Settlement settlement = new Settlement();
        if (payment.getCard() != null) {
            String number = payment.getCard().getNumber();
            settlement.setApproval("A-" + number.substring(Math.max(0, number.length() - 4)));
        } else {
            BigDecimal change = payment.getCash().getTendered().subtract(payment.getAmount());
            settlement.setChange(change.setScale(2, RoundingMode.UNNECESSARY));
        }
        return settlement;
    }

    public String whoami(SessionToken session, Holder<Served> served) {
        if (session == null) {
            throw new IllegalArgumentException("the header SessionToken is missing");
        }
        String caller = String.format(Locale.ROOT, "%s#%d", session.getUser(), session.getId());
        served.value = new Served();
        served.value.setCount(Memory.served(caller));
        return caller;
    }

    public void notify(String text) {
        Memory.remember(text);
    }

    public List<String> notified(String prefix, int count) {
        return Memory.remembered(prefix, count);
    }

    public void swap(Holder<String> a, Holder<String> b) {
        String first = a.value;
        a.value = b.value;
        b.value = first;
    }
}
