// The readings every server of the contract knows.

import java.util.Arrays;
import java.util.List;
import javax.xml.datatype.DatatypeConfigurationException;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import rmix.contract.NoSuchPlaceFault;
import rmix.contract.types.NoSuchPlace;
import rmix.contract.types.Quality;
import rmix.contract.types.Reading;

final class Readings {
    static Reading at(String place) throws NoSuchPlaceFault {
        switch (place) {
            case "Oslo":
                return of(place, -3.5, "2024-01-31T12:30:00Z", Arrays.asList("coast", "capital"),
                    Quality.GOOD, "cold", null);
            case "Bergen":
                // The same moment as 2024-02-29T23:59:59Z.
                return of(place, 6.25, "2024-03-01T00:59:59+01:00", Arrays.asList("rain"),
                    Quality.BAD, null, "wet");
            case "Voss":
                return of(place, -0.5, "1999-12-31T23:59:59Z", Arrays.asList(),
                    Quality.UNKNOWN, "", "");
            default:
                NoSuchPlace unknown = new NoSuchPlace();
                unknown.setPlace(place);
                unknown.getKnown().addAll(Arrays.asList("Bergen", "Oslo", "Voss"));
                throw new NoSuchPlaceFault("no such place: " + place, unknown);
        }
    }

    static Reading of(String place, double celsius, String at, List<String> tags, Quality quality,
            String note, String comment) {
        Reading reading = new Reading();
        reading.setPlace(place);
        reading.setCelsius(celsius);
        reading.setAt(calendar(at));
        reading.getTags().addAll(tags);
        reading.setQuality(quality);
        reading.setNote(note);
        reading.setComment(comment);
        return reading;
    }

    static XMLGregorianCalendar calendar(String text) {
        try {
            return DatatypeFactory.newInstance().newXMLGregorianCalendar(text);
        } catch (DatatypeConfigurationException absent) {
            throw new IllegalStateException(absent);
        }
    }
}
