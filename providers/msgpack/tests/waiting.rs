//! A started call may be waited for on a thread that runs nothing else, while nobody runs the lent runtime.

use std::time::Duration;

use rmix::Runtime;
use rmix_msgpack::plugin::rmix_provider_v1_msgpack as ENTRY;

/// Long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(30);

#[rmix::remote]
trait Sums {
    async fn add(&self, left: u32, right: u32) -> u32;
}

struct Adder;

impl Sums for Adder {
    async fn add(&self, left: u32, right: u32) -> u32 {
        left + right
    }
}

fn runtime() -> Runtime {
    let built = Runtime::builder().with_linked(&ENTRY).build();
    built.expect("the provider is linked in")
}

#[test]
fn started_call_is_waited_for_outside_the_lent_runtime_after_calls_made_together() {
    let server = runtime();
    let object = SumsSkeleton::new(Adder);
    let exported = server.export_blocking(object, ["msgpack+tcp://127.0.0.1:0"]);
    let exported = exported.expect("a port is free");
    let endpoint = exported.endpoints().iter().map(ToString::to_string).next();
    let endpoint = endpoint.expect("it listens");

    let mut builder = tokio::runtime::Builder::new_current_thread();
    let lent = builder.enable_all().build().expect("there is a reactor");
    let entered = lent.enter();
    let client = runtime();
    drop(entered);
    let bound = client.bind::<SumsStub>(&endpoint);
    let stub = bound.blocking().expect("it listens");
    let together = async { tokio::join!(stub.add(1, 2), stub.add(3, 4)) };
    let (three, seven) = lent.block_on(together);
    assert_eq!((three.ok(), seven.ok()), (Some(3), Some(7)));

    let waited = stub.start().add(5, 6).wait(PATIENCE);
    let answered = waited.expect("nobody else is needed for it");
    assert_eq!(answered.expect("the object answers"), 11);
}
