//! A capture file made by hand: what two ends said to one another, as if it had been recorded. IPv4
//! on the loopback address, without link layer; no checksum is filled in, and nothing is lost.

use std::net::Ipv4Addr;

/// The largest piece of a stream that is one packet.
const SEGMENT_BYTES_MAX: usize = 60_000;

const TCP: u8 = 6;
const UDP: u8 = 17;

const SYN: u8 = 0x02;
const PUSH_ACK: u8 = 0x18;
const ACK: u8 = 0x10;

/// Who of the two ends speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The one who connected, or asked.
    Client,
    /// The one who listens.
    Server,
}

/// Packets between a client and the port of a server.
#[derive(Clone, Debug)]
pub struct Capture {
    packets: Vec<Vec<u8>>,
    client_port: u16,
    server_port: u16,
    /// The next sequence number of client and server.
    sequence: [u32; 2],
    is_stream: bool,
}

impl Capture {
    /// A TCP connection to `server_port`, from its first packet on.
    pub fn of_stream(server_port: u16) -> Self {
        let mut capture = Self::new(server_port, true);
        capture.push_segment(Speaker::Client, SYN, &[]);
        capture.push_segment(Speaker::Server, SYN | ACK, &[]);
        capture.push_segment(Speaker::Client, ACK, &[]);
        capture
    }

    /// Datagrams to and from `server_port`.
    pub fn of_datagrams(server_port: u16) -> Self {
        Self::new(server_port, false)
    }

    /// What is heard next: a piece of the stream of any length, or one datagram.
    ///
    /// # Panics
    ///
    /// When a datagram is longer than one may be (65507 bytes).
    pub fn push(&mut self, from: Speaker, bytes: &[u8]) {
        if self.is_stream {
            for segment in bytes.chunks(SEGMENT_BYTES_MAX) {
                self.push_segment(from, PUSH_ACK, segment);
            }
            return;
        }
        let (source, destination) = self.ports(from);
        let length =
            u16::try_from(8 + bytes.len()).expect("a datagram is shorter than 65508 bytes");
        let mut packet = Vec::with_capacity(usize::from(length));
        for field in [source, destination, length, 0] {
            packet.extend(field.to_be_bytes());
        }
        packet.extend(bytes);
        self.push_packet(UDP, &packet);
    }

    /// The port of the server.
    pub fn server_port(&self) -> u16 {
        self.server_port
    }

    /// True for a TCP connection, false for datagrams.
    pub fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// The capture file (pcap, version 2.4), one packet a millisecond.
    pub fn to_pcap(&self) -> Vec<u8> {
        const RAW_IP: u32 = 101;
        let mut file = Vec::new();
        file.extend(0xa1b2_c3d4_u32.to_be_bytes());
        file.extend([0, 2, 0, 4]);
        for field in [0, 0, 0x4_0000, RAW_IP] {
            file.extend(u32::to_be_bytes(field));
        }
        for (index, packet) in (0_u32..).zip(&self.packets) {
            let length = u32::try_from(packet.len()).expect("a packet has at most 65535 bytes");
            for field in [index / 1000, index % 1000 * 1000, length, length] {
                file.extend(field.to_be_bytes());
            }
            file.extend(packet);
        }
        file
    }

    fn new(server_port: u16, is_stream: bool) -> Self {
        Self {
            packets: Vec::new(),
            // Any other port will do; this one has no meaning to anybody.
            client_port: if server_port == 50_123 {
                50_124
            } else {
                50_123
            },
            server_port,
            sequence: [1000, 2000],
            is_stream,
        }
    }

    fn ports(&self, from: Speaker) -> (u16, u16) {
        match from {
            Speaker::Client => (self.client_port, self.server_port),
            Speaker::Server => (self.server_port, self.client_port),
        }
    }

    fn push_segment(&mut self, from: Speaker, flags: u8, bytes: &[u8]) {
        let (source, destination) = self.ports(from);
        let (own, other) = match from {
            Speaker::Client => (0, 1),
            Speaker::Server => (1, 0),
        };
        let acknowledged = if flags & ACK == 0 {
            0
        } else {
            self.sequence[other]
        };
        let mut packet = Vec::with_capacity(20 + bytes.len());
        packet.extend(source.to_be_bytes());
        packet.extend(destination.to_be_bytes());
        packet.extend(self.sequence[own].to_be_bytes());
        packet.extend(acknowledged.to_be_bytes());
        // Five words of header, the flags, a window as large as can be, no checksum, not urgent.
        packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(bytes);
        let length = u32::try_from(bytes.len()).expect("a segment has at most 60000 bytes");
        let advance = length + u32::from(flags & SYN != 0);
        self.sequence[own] = self.sequence[own].wrapping_add(advance);
        self.push_packet(TCP, &packet);
    }

    fn push_packet(&mut self, protocol: u8, payload: &[u8]) {
        let length = u16::try_from(20 + payload.len()).expect("a packet has at most 65535 bytes");
        let mut packet = Vec::with_capacity(usize::from(length));
        packet.extend([0x45, 0]);
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        packet.extend(Ipv4Addr::LOCALHOST.octets());
        packet.extend(Ipv4Addr::LOCALHOST.octets());
        packet.extend(payload);
        self.packets.push(packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_one_packet_with_its_ports_and_length() {
        let mut capture = Capture::of_datagrams(111);
        capture.push(Speaker::Server, b"abcd");
        let file = capture.to_pcap();
        // Header of the file, of the record, of IP; then source, destination, length, checksum.
        let datagram = &file[24 + 16 + 20..];
        assert_eq!(datagram, b"\0\x6f\xc3\xcb\0\x0c\0\0abcd");
    }

    #[test]
    fn a_long_piece_of_a_stream_is_several_packets() {
        let mut capture = Capture::of_stream(111);
        capture.push(Speaker::Client, &vec![7; SEGMENT_BYTES_MAX + 1]);
        assert_eq!(capture.packets.len(), 3 + 2);
        assert_eq!(capture.sequence, [1001 + 60_001, 2001]);
    }
}
