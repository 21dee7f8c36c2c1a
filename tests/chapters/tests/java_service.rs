//! The chapter "Talk to a Java or C# service in ten minutes", in a network of its own: its ports are fixed.

use rmix_chapters::{chapter, left_out, run};
use rmix_peers::{Namespace, Peer};

use crate::{built, require};

#[test]
fn every_command_of_the_java_chapter_does_what_it_says() {
    if left_out() {
        return;
    }
    require(&[Peer::JaxWs, Peer::Mono, Peer::HttpTools]);
    let network = Namespace::start().unwrap_or_else(|error| panic!("{error}"));
    let chapter = chapter("talk-to-a-java-or-csharp-service.md");
    run(&chapter, network.command("bash"), &built());
}
