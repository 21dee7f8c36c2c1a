//! Members that each have a network of their own, joined by a bridge, so that links can be cut, slowed and
//! healed while everything runs. Judges nothing.
//!
//! It takes the rights of root. The networks are held by processes that end with this one, so that nothing is
//! left of them, whatever becomes of a test.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use rmix_peers::Namespace;

/// The bridge that everyone is at, and the one for those who are cut off together.
const BRIDGES: [&str; 2] = ["main", "island"];

/// A first packet that is lost is sent again after a second; this is before.
const LOST_AFTER: Duration = Duration::from_millis(300);

/// A hub with two bridges, and a network for each member by name.
pub(super) struct Networks {
    hub: Namespace,
    members: Mutex<BTreeMap<String, Namespace>>,
}

impl Networks {
    /// A hub without members; none where this process may not make networks.
    pub(super) fn start() -> Option<Networks> {
        let hub = match Namespace::start() {
            Ok(hub) => hub,
            Err(error) => {
                println!("members are on one host: {error}");
                return None;
            }
        };
        for (bridge, number) in BRIDGES.into_iter().zip(1..) {
            // Left to itself, its address changes with its ports, and everyone loses the way to it.
            let address = format!("02:00:00:00:00:0{number}");
            tool(
                &hub,
                &format!("ip link add {bridge} address {address} type bridge"),
            );
            tool(&hub, &format!("ip link set {bridge} up"));
        }
        tool(&hub, "ip addr add 10.77.0.254/24 dev main");
        println!("every member has a network of its own");
        Some(Networks {
            hub,
            members: Mutex::new(BTreeMap::new()),
        })
    }

    /// Runs work on a thread in the hub's network, where all members can be reached.
    pub(super) fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let entered = self.hub.enter(work);
        entered.expect("who makes a network may enter it")
    }

    /// A command that runs in the network of a member, which is made now if it is new.
    pub(super) fn command(&self, member: &str, program: &PathBuf) -> Command {
        let mut members = self.members.lock().expect("nobody panics with it");
        let network = members
            .entry(member.to_owned())
            .or_insert_with(|| self.plug_in(member));
        network.command(program)
    }

    /// The address of a member.
    pub(super) fn address(member: &str) -> String {
        let letter = member.bytes().next().expect("a name");
        format!("10.77.0.{}", 1 + letter - b'A')
    }

    /// Whether a member answers when it is called from the hub, where the caller has to be.
    pub(super) fn is_reached(member: &str) -> bool {
        let address = format!("{}:4100", Networks::address(member));
        let address = address.parse().expect("an address");
        TcpStream::connect_timeout(&address, LOST_AFTER).is_ok()
    }

    fn plug_in(&self, member: &str) -> Namespace {
        let network = Namespace::start().expect("the hub could be made");
        // Its first process is where its files are found.
        let held_by = network.path("").with_file_name("ns").join("net");
        let held_by = held_by.display();
        tool(
            &self.hub,
            &format!("ip link add port-{member} type veth peer name eth0 netns {held_by}"),
        );
        let address = Networks::address(member);
        tool(&network, &format!("ip addr add {address}/24 dev eth0"));
        tool(&network, "ip link set eth0 up");
        tool(
            &self.hub,
            &format!("ip link set port-{member} master main up"),
        );
        network
    }

    /// Cuts these off from all others, but not from each other.
    pub(super) fn cut_off(&self, members: &[&str]) {
        self.plug(members, "island");
    }

    /// Puts these back where everyone is.
    pub(super) fn heal(&self, members: &[&str]) {
        self.plug(members, "main");
    }

    fn plug(&self, members: &[&str], bridge: &str) {
        for member in members {
            tool(
                &self.hub,
                &format!("ip link set port-{member} master {bridge}"),
            );
        }
    }

    /// Makes a member's link slow: late, where the kernel can do that, and otherwise narrow. Says which.
    pub(super) fn slow_down(&self, member: &str) {
        let device = format!("port-{member}");
        let late = format!("tc qdisc add dev {device} root netem delay 40ms");
        if let Err(why) = try_tool(&self.hub, &late) {
            println!("the link is narrow, not late: {why}");
            let narrow =
                format!("tc qdisc add dev {device} root tbf rate 2mbit burst 32kbit latency 400ms");
            tool(&self.hub, &narrow);
        }
    }
}

/// Runs one of the tools for networks, in this network.
fn tool(network: &Namespace, words: &str) {
    try_tool(network, words).unwrap_or_else(|why| panic!("{words}: {why}"));
}

fn try_tool(network: &Namespace, words: &str) -> Result<(), String> {
    let mut words = words.split(' ');
    let program = words.next().expect("a tool");
    let output = network.command(program).args(words).output();
    let output = output.expect("a tool can be started");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
