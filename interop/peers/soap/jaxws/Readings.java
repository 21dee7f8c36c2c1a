// Readings and points in time of the contract.

import java.util.List;
import javax.xml.datatype.DatatypeConfigurationException;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import rmix.contract.types.Quality;
import rmix.contract.types.Reading;

final class Readings {
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
