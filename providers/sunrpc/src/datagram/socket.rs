//! Datagrams with both addresses: where they came from, and which of this host's addresses was asked, so that the answer
//! comes from there.

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::cmsg_space;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage,
    recvmsg, sendmsg, setsockopt, sockopt,
};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

/// A peer, and the address of this host that it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    /// The peer.
    pub(crate) peer: SocketAddr,
    /// Which of our addresses was asked.
    pub(crate) asked: Option<IpAddr>,
    /// Where an answer is to come from, when the socket does not say so itself.
    source: Option<Source>,
}

/// An address of ours, with the interface for link-local ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    address: IpAddr,
    interface: u32,
}

/// Room for one datagram and what the kernel tells of it.
pub(super) struct Room {
    datagram: Vec<u8>,
    control: Vec<u8>,
}

impl Room {
    /// For datagrams of up to so many bytes.
    pub(super) fn new(bytes_max: usize) -> Room {
        Room {
            datagram: vec![0; bytes_max],
            control: cmsg_space!(in_pktinfo, in6_pktinfo),
        }
    }

    /// What was received, at that length.
    pub(super) fn datagram(&self, length: usize) -> &[u8] {
        self.datagram.get(..length).unwrap_or_default()
    }
}

/// Binds a UDP socket; its real address.
pub(super) fn bind(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), Errno> {
    let socket = udp_socket(address)?;
    rustix::net::bind(&socket, &address)?;
    let told = match address {
        _ if !is_for_many(address) => Ok(()),
        SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true),
        SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true),
    };
    told.map_err(errno)?;
    let real = SocketAddr::try_from(rustix::net::getsockname(&socket)?)?;
    Ok((socket, real))
}

/// Whether a socket bound to this receives for several addresses of ours; else all it sends comes from this one.
fn is_for_many(bound: SocketAddr) -> bool {
    bound.ip().is_unspecified()
}

/// A UDP socket that is connected: it takes datagrams of this peer only.
pub(super) fn connect(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let socket = udp_socket(address)?;
    rustix::net::connect(&socket, &address)?;
    Ok(socket)
}

fn udp_socket(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::DGRAM, flags, None)
}

/// Receives a datagram on a socket bound to `bound`; its length, and where the answer goes. A datagram longer than the
/// room is cut.
pub(super) fn receive(
    socket: BorrowedFd<'_>,
    bound: SocketAddr,
    room: &mut Room,
) -> Result<(usize, Option<Route>), Errno> {
    if is_for_many(bound) {
        return receive_told(socket, room);
    }
    let flags = RecvFlags::DONTWAIT;
    let (length, _, peer) = rustix::net::recvfrom(socket, &mut room.datagram[..], flags)?;
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    let route = peer.map(|peer| Route {
        peer,
        asked: Some(bound.ip()),
        source: None,
    });
    Ok((length, route))
}

/// As [`receive`], and asks the kernel which address of ours was asked.
fn receive_told(socket: BorrowedFd<'_>, room: &mut Room) -> Result<(usize, Option<Route>), Errno> {
    let mut rooms = [IoSliceMut::new(&mut room.datagram)];
    let control = Some(&mut room.control[..]);
    let flags = MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut rooms, control, flags)
        .map_err(errno)?;
    let source = message
        .cmsgs()
        .ok()
        .and_then(|mut told| told.find_map(source));
    let peer = message.address.as_ref().and_then(socket_address);
    let length = message.bytes;
    let route = peer.map(|peer| Route {
        peer,
        asked: source.map(|source| source.address),
        source,
    });
    Ok((length, route))
}

/// Sends a datagram back on a route.
pub(super) fn send(socket: BorrowedFd<'_>, datagram: &[u8], route: &Route) -> Result<(), Errno> {
    let Some(source) = route.source else {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        return rustix::net::sendto(socket, datagram, flags, &route.peer).map(drop);
    };
    let parts = [IoSlice::new(datagram)];
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    let raw = socket.as_raw_fd();
    let (v4, v6);
    let interface = source.interface;
    let control = match source.address {
        IpAddr::V4(address) => {
            v4 = in_pktinfo {
                // An interface of 0 leaves the way to the routing table.
                ipi_ifindex: i32::try_from(interface).unwrap_or(0),
                ipi_spec_dst: in_addr {
                    s_addr: u32::from_ne_bytes(address.octets()),
                },
                ipi_addr: in_addr { s_addr: 0 },
            };
            ControlMessage::Ipv4PacketInfo(&v4)
        }
        IpAddr::V6(address) => {
            v6 = in6_pktinfo {
                ipi6_addr: in6_addr {
                    s6_addr: address.octets(),
                },
                ipi6_ifindex: interface,
            };
            ControlMessage::Ipv6PacketInfo(&v6)
        }
    };
    let control = &[control];
    let sent = match route.peer {
        SocketAddr::V4(peer) => sendmsg(raw, &parts, control, flags, Some(&SockaddrIn::from(peer))),
        SocketAddr::V6(peer) => {
            sendmsg(raw, &parts, control, flags, Some(&SockaddrIn6::from(peer)))
        }
    };
    sent.map(drop).map_err(errno)
}

fn source(told: ControlMessageOwned) -> Option<Source> {
    match told {
        ControlMessageOwned::Ipv4PacketInfo(info) => Some(Source {
            address: Ipv4Addr::from(info.ipi_spec_dst.s_addr.to_ne_bytes()).into(),
            interface: 0,
        }),
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
            Some(Source {
                interface: match address.is_unicast_link_local() {
                    true => info.ipi6_ifindex,
                    false => 0,
                },
                address: address.into(),
            })
        }
        _ => None,
    }
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in();
    let v6 = address.as_sockaddr_in6();
    v4.map(|v4| SocketAddr::V4((*v4).into()))
        .or_else(|| v6.map(|v6| SocketAddr::V6((*v6).into())))
}

fn errno(errno: nix::errno::Errno) -> Errno {
    Errno::from_raw_os_error(errno as i32)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    use super::*;

    /// Waits for a datagram on a socket that does not block.
    fn wait(socket: &OwnedFd, bound: SocketAddr, room: &mut Room) -> (usize, Route) {
        loop {
            let mut poll = [rustix::event::PollFd::new(
                socket,
                rustix::event::PollFlags::IN,
            )];
            rustix::event::poll(&mut poll, None).unwrap();
            match receive(socket.as_fd(), bound, room) {
                Err(Errno::AGAIN) => {}
                received => {
                    let (length, route) = received.unwrap();
                    return (length, route.unwrap());
                }
            }
        }
    }

    fn check(listen: &str, ask: &str) {
        let (socket, address) = bind(format!("{listen}:0").parse().unwrap()).unwrap();
        let asked = format!("{ask}:{}", address.port());
        let local = if address.is_ipv4() {
            "127.0.0.1:0"
        } else {
            "[::1]:0"
        };
        let client = UdpSocket::bind(local).unwrap();
        client.send_to(b"question", &asked).unwrap();
        let mut room = Room::new(64);
        let (length, route) = wait(&socket, address, &mut room);
        assert_eq!(room.datagram(length), b"question");
        assert_eq!(route.peer, client.local_addr().unwrap());
        assert_eq!(
            route.asked,
            Some(ask.trim_matches(['[', ']']).parse().unwrap())
        );
        send(socket.as_fd(), b"answer", &route).unwrap();
        let mut answer = [0; 64];
        let (length, from) = client.recv_from(&mut answer).unwrap();
        assert_eq!(&answer[..length], b"answer");
        assert_eq!(
            from,
            asked.parse().unwrap(),
            "from the address that was asked"
        );
    }

    #[test]
    fn answers_come_from_the_address_that_was_asked() {
        check("0.0.0.0", "127.0.0.1");
        check("0.0.0.0", "127.9.8.7");
        check("127.0.0.1", "127.0.0.1");
        check("[::1]", "[::1]");
        check("[::]", "[::1]");
    }

    #[test]
    fn long_datagrams_are_cut_to_the_room() {
        let (socket, address) = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = UdpSocket::bind("127.0.0.1:0").unwrap();
        client.send_to(&[7; 100], address).unwrap();
        let (length, _) = wait(&socket, address, &mut Room::new(64));
        assert_eq!(length, 64);
    }
}
