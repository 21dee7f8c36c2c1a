//! Two objects on one port: taking one off waits for its calls, and the other goes on.

use std::time::Duration;

use rmix::{Cause, Exported, Runtime};

use crate::udp::{Counter, CountingSkeleton, receive_first, runtime, stub};

fn export(runtime: &Runtime, endpoint: &str) -> Exported {
    let skeleton = CountingSkeleton::new(Counter::default());
    runtime.export_blocking(skeleton, [endpoint]).unwrap()
}

#[test]
fn object_leaves_a_shared_port_when_its_calls_are_answered() {
    let tasks = tokio::runtime::Runtime::new().unwrap();
    for scheme in ["sunrpc+tcp", "sunrpc+udp"] {
        let runtime = runtime();
        let first = export(&runtime, &format!("{scheme}://127.0.0.1:0/0x20000777/1"));
        let endpoint = first.endpoints()[0].to_string();
        let other = endpoint.strip_suffix('1').unwrap().to_owned() + "2";
        let second = export(&runtime, &other);
        let stubs = [stub(&runtime, &endpoint), stub(&runtime, &other)];
        let mut held = stubs[0].start().hold();
        receive_first(&stubs[0]);
        let early = first.unexport_within(Duration::from_millis(50));
        let early = tasks.block_on(early).unwrap_err();
        assert_eq!(early.cause(), Cause::Timeout, "{early}");
        let gone = stubs[0].blocking().add(1, 1).unwrap_err();
        assert_eq!(gone.cause(), Cause::Version, "{gone}");
        assert_eq!(stubs[1].blocking().add(1, 1).unwrap(), 2);
        drop((second, held.try_take()));
    }
}
