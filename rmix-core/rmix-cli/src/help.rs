//! What the help says beyond the list of options: formats, exit codes, examples.

pub(crate) const GENERAL: &str = "\
Exit codes:
  0  done
  1  the peer raised a fault
  2  usage: the command line, an interface file, the endpoint or a provider is wrong; nothing was sent
  3  the link or the protocol failed, or a URL could not be fetched
  4  the time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v: warn, debug, rmix::link=trace, …

An endpoint begins with a scheme, the protocol and its transport: msgpack+tcp, sunrpc+udp, soap+https; then
comes the address: soap+https://HOST:PORT/PATH?OPTION=VALUE. It has no name or password: a provider that
needs them has options for them.

A provider is the file librmix_NAME.so, where NAME is what the scheme of an endpoint begins with. It
is looked for in the directories of --providers, in those of RMIX_PROVIDER_PATH, and beside this
command; never in the working directory. Only what an endpoint needs is loaded.

Examples:
  rmix providers
  rmix call msgpack+tcp://127.0.0.1:7000 latest '\"Oslo\"'
  rmix bench --concurrency 64 msgpack+tcp://127.0.0.1:7000 count
  rmix describe /usr/include/rpcsvc/mount.x
  rmix describe 'http://127.0.0.1:8080/weather?wsdl'
  rmix call --idl /usr/include/rpcsvc/mount.x sunrpc+tcp://nas/MOUNTPROG/MOUNTVERS MOUNTPROC_EXPORT
  rmix serve --idl store.x --responses store.json sunrpc+tcp://127.0.0.1:0
  rmix import store.x -o src/store.rs

See 'rmix call --help' for how values are written as JSON, 'rmix describe --help' for files and URLs.";

pub(crate) const PROVIDERS: &str = "\
Every file librmix_*.so of the directories searched is listed: a provider with its name, version,
schemes, capabilities and file, any other with the reason why it is refused. With --json:

  {\"providers\": [{\"name\", \"version\", \"schemes\", \"capabilities\", \"file\"}],
   \"refused\": [{\"file\", \"reason\"}], \"looked_in\": [\"DIR\"]}

Exit codes:
  0  listed, refused files included
  2  usage

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix providers
  rmix providers --json --providers target/debug";

pub(crate) const CALL: &str = "\
Arguments and result are JSON. Each argument is one value, so text needs JSON's quotes within the
shell's: '\"Oslo\"'. What JSON cannot write is an object with one key that begins with $, both ways:

  {\"$bytes\": \"00ff\"}           octets, in hexadecimal
  {\"$ext\": [5, \"00ff\"]}        a value of the protocol's own: its type and its octets
  {\"$text\": \"ff\"}              text that is not UTF-8, in hexadecimal
  {\"$float\": \"nan\"}            nan, inf or -inf
  {\"$map\": [[1, \"one\"], …]}    pairs of a map whose keys are not all different texts, or begin with $

A number with a point or an exponent is a float, any other an integer of at most 64 bits.

The result is printed on standard output, indented, or compact with --json. A fault is printed on
standard error, or with --json as {\"fault\": VALUE} on standard output; an error with --json as
{\"error\": {\"kind\", \"cause\", \"delivery\", \"message\"}} and a \"code\" if there is one. The delivery
says what the call may have done: not-sent, maybe-executed or executed.

Without --idl the protocol must be self-describing (see 'rmix providers'). With it, values are what
their types in the interface file say:

  int, hyper, char, …          a number, or text: \"123\", \"0x7b\"; beyond 2^53 results are text
  float, double                a number; {\"$float\": \"nan\"}, inf, -inf
  bool                         true, false
  enum                         the name of a member, or a number
  string                       text; {\"$text\": \"ff\"} when it is not UTF-8
  opaque                       text of hexadecimal digits: \"00ff\"
  T x[n], T x<n>               a list
  T *x                         null, or the value; [value] if T is such a pointer itself
  linked list                  a list of its items, without the field for the next one
  struct                       an object of all its fields, by their names in the file
  union                        an object of the discriminant, as {\"status\": \"OK\"}, and what its arm
                               holds, by their names in the file; NAME_u where both have one name
  void                         null

PROGRAM and VERSION of the endpoint are numbers or names of the file; both may be left out where the
file has only one. METHOD is the name or the number of a procedure. An argument or script that does
not fit is refused with its place, what was expected and what was found, and nothing is sent:
arguments[0].where.name: expected string<16>, a text, found the number 5.

With a WSDL (.wsdl) METHOD is an operation, and arguments are given in the order of its parts, header
blocks last. Values are what XML Schema says:

  integers                     a number, or text
  decimal, date, dateTime,     text: \"12.50\", \"2026-11-22\", \"2026-11-22T12:00:00Z\", \"12:00:00\", \"P1DT2H\"
  time, duration
  double, float                a number, or \"NaN\", \"INF\", \"-INF\"
  base64Binary, hexBinary      text of hexadecimal digits
  complexType                  an object of its elements and attributes; what may be absent may miss
  elements that repeat, lists  a list
  choice, derived type         an object with one member: the element's or the type's name
  enumeration                  its text
  nil                          null
  several outputs, headers     an object of all that is answered; header blocks by their names
  declared fault               {\"fault\": {NAME: …}} with --json, by the name of its element

  EndpointReferenceType        text: a reference (rmix:…) or an endpoint

Other types of text are taken as they are: anyURI, QName, gYear, types with a pattern. Where several
interfaces of a WSDL have the operation, --interface says which is meant: NAME, or NAME:STYLE where a port
type has operations of several styles. Of an overloaded operation the one is called that takes as many
arguments as are given. Of elements that share a name the second is written NAME_2, as 'rmix import' names them.

Exit codes:
  0  the result was printed, or the one-way call was sent
  1  the peer raised a fault
  2  usage: the command line, an argument, the file, the endpoint or a provider is wrong; nothing was sent
  3  the link or the protocol failed, or the URL of a WSDL could not be fetched
  4  the time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix call msgpack+tcp://127.0.0.1:7000 latest '\"Oslo\"'
  rmix call --timeout 500ms --json msgpack+unix:/run/station.sock mean '[1, 2.5, -4]'
  rmix call --oneway msgpack+tcp://[::1]:7000 report '{\"place\": \"Voss\", \"celsius\": 4.5, \"at\": -1}'
  rmix call 'pipe+exec:nvim --embed --headless -u NONE -n' nvim_eval '\"1 + 1\"'
  rmix call msgpack+tcp://127.0.0.1:7000 store '{\"$bytes\": \"00ff\"}' -- -5
  rmix call --idl /usr/include/rpcsvc/mount.x sunrpc+tcp://nas/100005/1 MOUNTPROC_EXPORT
  rmix call --idl store.x --auth-sys uid=0,gid=0 sunrpc+udp://nas:2049 FIND '{\"key\": \"a\", \"at\": null}'
  rmix call --idl weather.wsdl soap+http://127.0.0.1:8080/weather latest '\"Oslo\"'
  rmix call --idl 'http://127.0.0.1:8080/weather?wsdl' soap+http://127.0.0.1:8080/weather latest '\"Oslo\"'";

pub(crate) const BENCH: &str = "\
Calls the operation over one link, for a time or a number of calls, and prints the rate and a
histogram of latencies: least, 50th, 90th, 99th and 99.9th percentile, greatest. Three digits of a
latency are true. A fault is an answer and counts; an error is counted by its kind. After 100 errors
in a row the measurement is ended. With concurrency, all calls share one thread and one link. On a
terminal a progress bar is shown on standard error. Arguments are written as for 'rmix call'.

With --json one object: {\"endpoint\", \"method\", \"mode\", \"concurrency\", \"calls\", \"faults\", \"seconds\",
\"rate\", \"latency_ns\": {\"min\", \"p50\", \"p90\", \"p99\", \"p99.9\", \"max\", \"mean\"}, \"errors\":
[{\"kind\", \"cause\", \"count\", \"first\"}], \"ended_early\"}; latency_ns is null when no call was answered.

Exit codes:
  0  every call was answered without a fault
  1  some were answered with a fault, none failed
  2  usage: the command line, an argument, the endpoint or a provider is wrong; nothing was sent
  3  a call failed, because of the link or the protocol
  4  a call failed, because its time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix bench msgpack+tcp://127.0.0.1:7000 count
  rmix bench --calls 100000 --concurrency 64 msgpack+unix:/run/station.sock latest '\"Oslo\"'
  rmix bench --oneway --duration 2s --json msgpack+tcp://127.0.0.1:7000 report '{\"place\": \"Voss\"}'";

pub(crate) const SERVE: &str = "\
Answers calls from a script, so that a client can be tried without writing a server. The script is a
JSON object; its keys are procedures, or VERSION.PROCEDURE by their names in the file. Values are
written as 'rmix call --help' says. Under a key stands:

  RESULT                       the result of every call; null for void
  {\"result\": RESULT}           the same
  {\"refuse\": \"SYSTEM_ERR\"}     an error in place of a result: PROG_UNAVAIL, PROC_UNAVAIL,
                               GARBAGE_ARGS, SYSTEM_ERR or AUTH_TOOWEAK
  {\"expect\": [ARGUMENT, …], …}  with \"result\" or \"refuse\": for calls with these arguments only
  [RESPONSE, RESPONSE, …]      in turn, the last one again and again; with \"expect\" in one of them,
                               always the first one that fits

Where a result is a list itself, a list under a key is one result, and several are all written as
{\"result\": […]}. A struct whose fields have no names but result, refuse and expect is written as
{\"result\": {…}}. A call that no response is for is refused as SYSTEM_ERR, a procedure without a key as
PROC_UNAVAIL. The whole script is checked against the types before anything listens. Procedure 0
answers by itself.

With a WSDL, keys are operations, values are what 'rmix call --help' says of WSDL, and the interface is
the only one or that of --interface (NAME:STYLE where a port type has operations of several styles:
wrapped, bare, rpc, encoded). Under a key stands, beside RESULT, \"result\", \"expect\" and lists:

  {\"fault\": {NAME: DETAIL}}    a fault that the operation declares, by the name of its element
  {\"refuse\": \"busy\",           any other fault: internal or busy by the server's fault, bad-arguments,
   \"message\": \"TEXT\"}          denied, no-such-method or no-such-object by the client's; with its reason

Several outputs are one object of all of them, header blocks included: {\"return\": \"…\", \"Served\": {\"count\":
1}}. Arguments that \"expect\" tells apart may be written in any way that means the same. A one-way
operation needs no key; under one stands null. SOAP 1.1 and 1.2 are answered at each endpoint, and ?wsdl.

The endpoints listened on are printed first, with their real ports, then each call: time, caller,
procedure, arguments and result. With --json, lines are the object {\"listening\": [ENDPOINT, …]} and
objects {\"time\", \"peer\", \"claim\", \"program\", \"version\", \"procedure\", \"number\", \"arguments\",
\"result\"}, with \"refused\" in place of \"result\" where the call was refused; a claim is null or
{\"scheme\": \"sys\", \"uid\", \"gid\", \"gids\", \"machine\"}, and not checked by anybody. Of a WSDL they have
\"interface\" and \"operation\" in place of program, version, procedure and number, and may have \"fault\" in
place of \"result\". Calls whose arguments cannot be read are answered so and are in the log (-v).

Exit codes:
  0  interrupted, terminated, or as many calls were answered as --count says
  2  usage: the command line, the file, the script, an endpoint or a provider is wrong
  3  an endpoint cannot be listened on, or the URL of a WSDL could not be fetched
  4  fetching the URL took too long

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix serve --idl store.x --responses store.json sunrpc+tcp://127.0.0.1:0
  rmix serve --idl store.x --responses store.json --count 1 --json sunrpc+unix:/run/store.sock
  rmix serve --idl nfs.x --responses nfs.json sunrpc+tcp://0.0.0.0/NFS_PROGRAM/NFS_V3 sunrpc+udp://0.0.0.0/NFS_PROGRAM/NFS_V3

where store.json may be
  {\"FIND\": [{\"expect\": [\"a\"], \"result\": {\"status\": \"OK\", \"value\": \"00ff\"}}, {\"status\": \"GONE\"}],
   \"COUNT\": [1, 2, 3], \"CLEAR\": null, \"STOP\": {\"refuse\": \"PROC_UNAVAIL\"}}

  rmix serve --idl weather.wsdl --responses weather.json soap+http://127.0.0.1:8080/weather

where weather.json may be
  {\"latest\": [{\"expect\": [\"Oslo\"], \"result\": {\"place\": \"Oslo\", \"celsius\": -3.5, \"at\": \"2026-11-22T12:00:00Z\"}},
              {\"fault\": {\"NoSuchPlace\": {\"place\": \"?\", \"known\": [\"Oslo\"]}}}],
   \"restart\": {\"refuse\": \"denied\", \"message\": \"ask the harbour master\"}}";

pub(crate) const DESCRIBE: &str = "\
Prints programs with their versions and procedures, then constants and types, as the file means them
after its directives. With --json one object: {\"programs\": [{\"name\", \"number\", \"versions\": [{\"name\",
\"number\", \"procedures\": [{\"name\", \"number\", \"signature\", \"arguments\": [{\"name\", \"type\"}],
\"result\"}]}]}], \"constants\": [{\"name\", \"value\"}], \"types\": [{\"name\", \"kind\", …}], \"files\"}. A kind is
enum (\"members\"), struct (\"fields\", \"is_list\"), union (\"discriminant\", \"arms\", \"default\") or typedef
(\"type\"). Numbers beyond 2^53 are text.

Of a WSDL 1.1 or XML Schema it prints interfaces with their operations and faults, services with the
addresses of their ports and the endpoints that call them, then types: T? may be absent, T[] repeats, @NAME is
an attribute. With --json one object: {\"interfaces\": [{\"name\", \"namespace\", \"style\", \"operations\":
[{\"name\", \"action\", \"signature\", \"oneway\", \"arguments\", \"results\", \"faults\"}]}], \"services\":
[{\"name\", \"ports\": [{\"name\", \"interface\", \"version\", \"address\", \"endpoint\"}]}], \"elements\",
\"types\": [{\"name\", \"namespace\", \"kind\", …}], \"files\"}. Arguments, results, faults, elements and fields
are objects {\"name\", \"namespace\", \"form\", \"type\", \"occurs\", \"nillable\"}; a kind is struct (\"fields\",
\"extends\", \"abstract\"), choice (\"variants\"), derived (\"types\"), enumeration (\"values\"), alias (\"type\")
or array (\"item\").

A URL (http:// or https://) is fetched because it was given; what is behind it may not redirect. What it imports
is fetched with --follow, from the same scheme, host and port; anything else is saved as a file and given
with --schema. A file has at most 16 MiB, all files together are 256, and take at most --fetch-timeout.

Exit codes:
  0  printed
  2  the command line or the file is wrong
  3  the URL could not be fetched
  4  fetching took too long

Environment:
  RMIX_LOG  What to log, instead of -v

Examples:
  rmix describe /usr/include/rpcsvc/mount.x
  rmix describe -U RPC_HDR /usr/include/rpcsvc/nis.x
  rmix describe --json store.x
  rmix describe weather.wsdl
  rmix describe --follow 'https://weather.example.org/station?wsdl'
  rmix describe --ca ca.pem --fetch-timeout 5s 'https://127.0.0.1:8443/station?wsdl'";

pub(crate) const IMPORT: &str = "\
Writes Rust for an interface file of ONC RPC: a type for each type, and a trait with #[rmix::remote]
for each version of a program; or for a WSDL 1.1 with its schemas: a trait for each port type of SOAP, and
the addresses of its ports. The code needs the crates rmix, and serde with its feature derive. In a build
script rmix_idl::Import and rmix_idl::wsdl::Import do the same.

Schemas that a WSDL imports are read from its folder and below, and from folders given with -I. For a
location elsewhere --schema tells where the file is. Nothing is fetched, unless the WSDL is given by its URL:
see 'rmix describe --help'.

What is wrong in a file is told as FILE:LINE:COLUMN with what was expected; with --json as
{\"error\": {\"kind\", \"cause\": \"interface-file\", \"delivery\", \"message\", \"file\", \"line\", \"column\"}}.

Exit codes:
  0  written
  2  the command line or the file is wrong
  3  the output cannot be written, or the URL not be fetched
  4  fetching took too long

Environment:
  RMIX_LOG  What to log, instead of -v

Examples:
  rmix import store.x -o src/store.rs
  rmix import -I idl -D WITH_LOCKS=1 idl/store.x
  rmix import -U RPC_HDR --before /usr/include/rpcsvc/nis.x /usr/include/rpcsvc/nis_callback.x
  rmix import weather.wsdl -o src/weather.rs
  rmix import --follow 'http://127.0.0.1:8080/weather?wsdl' -o src/weather.rs
  rmix import --schema http://example.org/types.xsd=types.xsd weather.wsdl";

pub(crate) const EXPORT: &str = "\
Writes what an interface file means as one file without directives: includes, conditions and macros
resolved, every number a number, every type before its first use. rpcgen takes it (with -N where the
first line says so), and the same bytes travel.

With --format wsdl: the WSDL of one version of a program, as the trait that `rmix import` writes for it.

An interface that is a Rust trait is in no file; its program writes it, in a test or a build script:

  use rmix::Interface;
  let desc = <StationStub as Interface>::DESCRIPTION;
  std::fs::write(\"station.x\", rmix_idl::export_x(desc, rmix_idl::Arguments::Struct)?)?;
  let options = rmix_wsdl::Options::new().soap_1_1(\"http://localhost:8080/station\");
  std::fs::write(\"station.wsdl\", rmix_wsdl::wsdl(desc, &options)?.wsdl)?;

Exit codes:
  0  written
  2  the command line or the file is wrong
  3  the output cannot be written

Environment:
  RMIX_LOG  What to log, instead of -v

Examples:
  rmix export /usr/include/rpcsvc/rquota.x
  rmix export --format x -U RPC_HDR /usr/include/rpcsvc/nis.x -o nis.x
  rmix export --format wsdl --address http://localhost:8080/quota --interface RquotaprogV1 \\
      /usr/include/rpcsvc/rquota.x";
