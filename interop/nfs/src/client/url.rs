//! URLs of files: `nfs://HOST[:PORT]/path[?nfsport=N&mountport=N]`, as libnfs writes them. The path is octets; any of them
//! may stand as it is or as `%XX`, and `?` and `%` must.

use percent_encoding::percent_decode;

use super::NfsError;

/// A URL taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NfsUrl {
    /// Name or address; an IPv6 address in brackets.
    pub host: String,
    /// The port of NFS, by `:PORT` or `nfsport=`; without it, rpcbind is asked.
    pub nfs_port: Option<u16>,
    /// The port of MOUNT, by `mountport=`; without it, rpcbind is asked.
    pub mount_port: Option<u16>,
    /// The path on the server, decoded, with its leading `/`.
    pub path: Vec<u8>,
}

impl NfsUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &[u8]) -> Result<NfsUrl, NfsError> {
        let wrong = |why: &str| {
            let text = String::from_utf8_lossy(text);
            NfsError::Url(format!("{text}: {why}"))
        };
        let Some(rest) = text.strip_prefix(b"nfs://") else {
            return Err(wrong("a URL is nfs://HOST[:PORT]/path"));
        };
        let (place, options) = cut(rest, b'?');
        let (authority, path) = cut(place, b'/');
        let authority = std::str::from_utf8(authority).map_err(|_| wrong("the host is no text"))?;
        let (host, port) = match authority.rsplit_once(':') {
            // A colon within brackets belongs to an IPv6 address.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if host.is_empty() || host.contains(['@', '%']) {
            return Err(wrong(
                "the host is a name, an IPv4 address, or [an IPv6 address]",
            ));
        }
        let number = |text: &str| match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(wrong("a port is a number from 1 to 65535")),
        };
        let mut url = NfsUrl {
            host: host.to_owned(),
            nfs_port: port.map(number).transpose()?,
            mount_port: None,
            path: [b"/", path].concat(),
        };
        url.path = percent_decode(&url.path).collect();
        let options = std::str::from_utf8(options).map_err(|_| wrong("the options are no text"))?;
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("nfsport", port)) => url.nfs_port = Some(number(port)?),
                Some(("mountport", port)) => url.mount_port = Some(number(port)?),
                // libnfs has it; there is no other version here.
                Some(("version", "3")) => {}
                _ => return Err(wrong("known options are nfsport, mountport and version=3")),
            }
        }
        Ok(url)
    }
}

/// What stands before the first `mark`, and what behind it.
fn cut(octets: &[u8], mark: u8) -> (&[u8], &[u8]) {
    let mut parts = octets.splitn(2, |octet| *octet == mark);
    let before = parts.next().unwrap_or_default();
    (before, parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NfsUrl {
        NfsUrl::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_url_is_taken_apart() {
        let url = read("nfs://files/export/a%20b%3F%ff?nfsport=2049&mountport=20048&version=3");
        assert_eq!(url.host, "files");
        assert_eq!((url.nfs_port, url.mount_port), (Some(2049), Some(20048)));
        assert_eq!(url.path, b"/export/a b?\xff");
        let url = read("nfs://[::1]:65535/");
        assert_eq!((url.host.as_str(), url.nfs_port), ("[::1]", Some(65535)));
        assert_eq!((url.mount_port, url.path.as_slice()), (None, &b"/"[..]));
        assert_eq!(read("nfs://[::1]/x").nfs_port, None);
        assert_eq!(read("nfs://files").path, b"/");
        let raw = NfsUrl::parse(b"nfs://files/\xfe").expect("octets may stand as they are");
        assert_eq!(raw.path, b"/\xfe");
    }

    #[test]
    fn a_wrong_url_is_refused_with_what_is_wrong() {
        for (text, why) in [
            ("http://h/x", "nfs://HOST"),
            ("nfs:///x", "the host"),
            ("nfs://me@h/x", "the host"),
            ("nfs://h:0/x", "a port"),
            ("nfs://h:65536/x", "a port"),
            ("nfs://h/x?nfsport=", "a port"),
            ("nfs://h/x?nfsprot=1", "known options"),
            ("nfs://h/x?version=4", "known options"),
        ] {
            let error = NfsUrl::parse(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
