//! The cases every client of a service runs, with the lines that are right: one table for all peers,
//! so that a difference is a peer's. It runs nothing.

use std::path::PathBuf;

/// A service of the SOAP peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `contract.wsdl`: document/literal wrapped.
    Contract,
    /// `rpc.wsdl`: rpc/literal.
    Rpc,
    /// `encoded.wsdl`: rpc/encoded.
    Encoded,
}

impl Service {
    /// The lines that are right for the named cases, for a client called `user`.
    ///
    /// # Panics
    ///
    /// When there is no such case.
    pub fn lines(self, user: &str, names: &[&str]) -> Vec<String> {
        let line = |name: &&str| {
            let known = self.table().iter().find(|(known, _)| known == name);
            let (_, answer) = known.unwrap_or_else(|| panic!("there is no case {name}"));
            format!("{name} {}", answer.replace("USER", user))
        };
        names.iter().map(line).collect()
    }

    fn table(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Contract => CONTRACT,
            Self::Rpc => RPC,
            Self::Encoded => ENCODED,
        }
    }
}

/// The names of a service's cases, in the order in which they are run.
pub fn cases(service: Service) -> Vec<&'static str> {
    service.table().iter().map(|(name, _)| *name).collect()
}

/// The path of a file of the contract: `contract.wsdl`, `contract.xsd`, `types.xsd`, `rpc.wsdl` or
/// `encoded.wsdl`.
pub fn contract_file(name: &str) -> PathBuf {
    super::recipe::source(name)
}

const CONTRACT: &[(&str, &str)] = &[
    ("echo", "[Grüße, 世界 🌍]"),
    ("echo-markup", "[<a href=\"x\">&amp;</a> ]]>]"),
    ("echo-space", r"[  two lines\n\tindented  ]"),
    ("echo-empty", "[]"),
    ("add", "3"),
    ("add-negative", "-2147483648"),
    // Count, mean, least, greatest.
    ("stats", "3 2.25 1 3.75"),
    ("stats-up", "2 INF 1 INF"),
    ("stats-down", "2 -INF -INF 1.5"),
    ("stats-nan", "2 NaN NaN NaN"),
    ("stats-none", "0 NaN NaN NaN"),
    (
        "reading",
        "Oslo -3.5 2024-01-31T12:30:00Z [coast,capital] good note=cold comment=absent",
    ),
    (
        "reading-nil",
        "Bergen 6.25 2024-02-29T23:59:59Z [rain] bad note=nil comment=wet",
    ),
    (
        "reading-bare",
        "Voss -0.5 1999-12-31T23:59:59Z [] unknown note= comment=",
    ),
    ("reading-fault", "NoSuchPlace Atlantis [Bergen,Oslo,Voss]"),
    (
        "revise",
        "Tromsø 21.75 2023-06-01T10:00:00Z [b c,a] bad note=nil comment=windy",
    ),
    (
        "revise-absent",
        "Tromsø 21.75 2023-06-01T10:00:00Z [] bad note=warm comment=absent",
    ),
    (
        "revise-empty",
        "Tromsø 21.75 2023-06-01T10:00:00Z [] bad note= comment=",
    ),
    ("tree", "4"),
    (
        "blob",
        "256 40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880",
    ),
    (
        "blob-empty",
        "0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    ("area-shape", "0"),
    ("area-circle", "12.566370614359172"),
    ("area-square", "6.25"),
    ("pay", "100.34"),
    // More digits than a double has.
    ("pay-exact", "1234567890123456.06"),
    ("label", "8 en TITLE <1>"),
    ("label-plain", "0 absent GRößE"),
    ("running", "[1,3,6]"),
    ("running-none", "[]"),
    ("settle-card", "approval A-1234"),
    ("settle-cash", "change 7.75"),
    // The number counts the calls of this user at the server.
    ("whoami", "USER#7 1"),
    ("whoami-again", "USER#7 2"),
    ("notify", "[USER one,USER two]"),
    ("swap", "right left"),
];

const RPC: &[(&str, &str)] = &[
    ("distance", "5"),
    ("midpoint", "1.5 -2"),
    ("join", "[a, b <c>, ü]"),
    ("join-none", "[]"),
    ("divide", "3 2"),
];

const ENCODED: &[(&str, &str)] = &[
    ("sum", "6"),
    ("sum-none", "0"),
    ("reverse", "[ü,<b>,a]"),
    ("centre", "1.5 -2"),
    ("same", "true"),
    ("same-not", "false"),
    // A circle of friends: the last one's friend is the first person again, not a copy.
    ("ring", "[a,b,c] closed"),
];
