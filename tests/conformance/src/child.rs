//! The program at the other end of a provider that starts its peers: exports the object on descriptors it inherited and
//! ends with them. Arguments: `linked` or the provider's file, then limits as `name=value`.

use std::sync::Arc;
use std::time::Duration;

use rmix::{Limits, ProviderEntry, Runtime};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::interface::ConformanceSkeleton;
use crate::object::Object;

/// The arguments that make a child serve with these limits.
pub fn arguments(provider: Option<&str>, limits: &Limits) -> String {
    let provider = provider.unwrap_or(LINKED);
    format!(
        "{provider} message_bytes={} items={} depth={} outstanding_calls={} queued_bytes={} message_timeout={}",
        limits.message_bytes,
        limits.items,
        limits.depth,
        limits.outstanding_calls,
        limits.queued_bytes,
        limits.message_timeout.as_nanos(),
    )
}

/// Serves on `endpoint` until standard input ends.
///
/// # Panics
/// An argument is wrong, or the object cannot be exported: the peer sees the end of the link.
pub fn serve(linked: &'static ProviderEntry, endpoint: &str) {
    let mut arguments = std::env::args().skip(1);
    let provider = arguments
        .next()
        .expect("the first argument is `linked` or a provider's file");
    let mut limits = Limits::default();
    for argument in arguments {
        set(&mut limits, &argument);
    }
    let builder = Runtime::builder().limits(limits);
    let builder = match provider.as_str() {
        LINKED => builder.with_linked(linked),
        file => builder.provider_file(file),
    };
    let runtime = builder.build().expect("the provider fits this build");
    let object = ConformanceSkeleton::from_arc(Arc::new(Object::default()));
    let exported = runtime
        .export_blocking(object, [endpoint])
        .expect("the inherited descriptors are pipes");
    let forever: Option<&Timespec> = None;
    loop {
        let input = rustix::stdio::stdin();
        let mut entries = [PollFd::from_borrowed_fd(input, PollFlags::empty())];
        let polled = poll(&mut entries, forever);
        if polled.is_ok() && !entries[0].revents().is_empty() {
            break;
        }
    }
    drop(exported);
    // A call that is held for ever must not hold the process.
    let _ = runtime.shutdown_blocking(Duration::ZERO);
    std::process::exit(0);
}

fn set(limits: &mut Limits, argument: &str) {
    let (name, value) = argument
        .split_once('=')
        .expect("a limit is written as name=value");
    let value: u64 = value.parse().expect("a limit is a number");
    let small = u32::try_from(value).unwrap_or(u32::MAX);
    match name {
        "message_bytes" => limits.message_bytes = value,
        "items" => limits.items = value,
        "depth" => limits.depth = small,
        "outstanding_calls" => limits.outstanding_calls = small,
        "queued_bytes" => limits.queued_bytes = value,
        "message_timeout" => limits.message_timeout = Duration::from_nanos(value),
        other => panic!("{other} is no limit that a child takes"),
    }
}

const LINKED: &str = "linked";
