// The readings every server of the contract knows.

import java.util.Arrays;
import rmix.contract.NoSuchPlaceFault;
import rmix.contract.types.NoSuchPlace;
import rmix.contract.types.Quality;
import rmix.contract.types.Reading;

final class Places {
    static Reading at(String place) throws NoSuchPlaceFault {
        switch (place) {
            case "Oslo":
                return Readings.of(place, -3.5, "2024-01-31T12:30:00Z", Arrays.asList("coast", "capital"),
                    Quality.GOOD, "cold", null);
            case "Bergen":
                // The same moment as 2024-02-29T23:59:59Z.
                return Readings.of(place, 6.25, "2024-03-01T00:59:59+01:00", Arrays.asList("rain"),
                    Quality.BAD, null, "wet");
            case "Voss":
                return Readings.of(place, -0.5, "1999-12-31T23:59:59Z", Arrays.asList(),
                    Quality.UNKNOWN, "", "");
            default:
                NoSuchPlace unknown = new NoSuchPlace();
                unknown.setPlace(place);
                unknown.getKnown().addAll(Arrays.asList("Bergen", "Oslo", "Voss"));
                throw new NoSuchPlaceFault("no such place: " + place, unknown);
        }
    }
}
