//! What a small rpcbind of this process knows: addresses by program, version and netid. Asks and answers nobody.

use std::collections::BTreeMap;

use super::RPCBIND_PROGRAM;
use super::address::{Netid, Registered};
use super::messages::{VERSION_MAX, VERSION_MIN};
use crate::target::Program;

/// The table. It changes by this process's own doing only.
#[derive(Debug, Default)]
pub(crate) struct Table {
    addresses: BTreeMap<(Program, Netid), String>,
}

impl Table {
    /// A table that knows the responder itself, in every version, at these addresses.
    pub(crate) fn at(addresses: &[Registered]) -> Table {
        let mut table = Table::default();
        for version in VERSION_MIN..=VERSION_MAX {
            for entry in addresses {
                // The portmapper's version has IPv4 only.
                if version > VERSION_MIN || entry.netid.is_ipv4() {
                    let number = RPCBIND_PROGRAM;
                    table.set(Program { number, version }, entry);
                }
            }
        }
        table
    }

    /// Adds an address; false when the table is full, or another address is there for this program, version and netid.
    pub(crate) fn set(&mut self, program: Program, entry: &Registered) -> bool {
        let key = (program, entry.netid);
        if let Some(known) = self.addresses.get(&key) {
            return *known == entry.address;
        }
        if self.addresses.len() >= ENTRIES_MAX {
            return false;
        }
        self.addresses.insert(key, entry.address.clone());
        true
    }

    /// Takes off an address; false when there was none.
    pub(crate) fn unset(&mut self, program: Program, netid: Netid) -> bool {
        self.addresses.remove(&(program, netid)).is_some()
    }

    /// The address of exactly this version.
    pub(crate) fn exact(&self, program: Program, netid: Netid) -> Option<&str> {
        self.addresses.get(&(program, netid)).map(String::as_str)
    }

    /// The address of this version, else of another of the program: its server says which versions it has.
    pub(crate) fn any(&self, program: Program, netid: Netid) -> Option<&str> {
        self.exact(program, netid).or_else(|| {
            let mut others = self.versions(program.number);
            others.find_map(|(_, other, address)| (other == netid).then_some(address))
        })
    }

    /// All entries, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Program, Netid, &str)> {
        let entries = self.addresses.iter();
        entries.map(|((program, netid), address)| (*program, *netid, address.as_str()))
    }

    fn versions(&self, number: u32) -> impl Iterator<Item = (Program, Netid, &str)> {
        let bound = |version| Program { number, version };
        let range = (bound(0), Netid::Tcp)..=(bound(u32::MAX), Netid::Local);
        let entries = self.addresses.range(range);
        entries.map(|((program, netid), address)| (*program, *netid, address.as_str()))
    }
}

/// Most entries.
pub(crate) const ENTRIES_MAX: usize = 4096;
