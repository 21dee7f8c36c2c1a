# The measured interface as Cap'n Proto has it.
@0xb6d1a3f2c4e5d607;

interface Bench {
  null @0 ();
  echo @1 (bytes :Data) -> (bytes :Data);
  sum @2 (values :List(Float64)) -> (sum :Float64);
  post @3 (bytes :Data) -> stream;
  count @4 () -> (count :UInt64);
}
