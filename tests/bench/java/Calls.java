// A client of some protocol with one connection; each method makes one call.

interface Calls {
    int SUM_VALUES = 125_000;

    void nothing() throws Exception;

    byte[] echo(byte[] bytes) throws Exception;

    double sum(double[] values) throws Exception;

    void post(byte[] bytes) throws Exception;

    long count() throws Exception;

    /** The sum of numbers of eight bytes, the lowest first. */
    double sumOctets(byte[] octets) throws Exception;
}
