//! Networks that a party may call from.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A network in CIDR form (RFC 4632, RFC 4291), such as `192.0.2.0/24` or `2001:db8::/32`. No bit is set behind the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is no network in CIDR form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a network is an address and the length of its prefix, such as 192.0.2.0/24, with no bit set behind the prefix")]
pub struct NetworkError;

impl Network {
    /// Reads the CIDR form.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').ok_or(NetworkError)?;
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        if prefix.is_empty()
            || !prefix.bytes().all(|digit| digit.is_ascii_digit())
            || (prefix.len() > 1 && prefix.starts_with('0'))
        {
            return Err(NetworkError);
        }
        let prefix: u8 = prefix.parse().map_err(|_| NetworkError)?;
        let network = Self { address, prefix };
        let (bits, width) = bits(address);
        let whole = u32::from(prefix) <= width && behind(bits, prefix, width) == 0;
        whole.then_some(network).ok_or(NetworkError)
    }

    /// Whether the address lies in the network. An address of the other family never does.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let ((ours, width), (theirs, their_width)) = (bits(self.address), bits(address));
        // What differs between the two lies behind the prefix altogether.
        let differing = ours ^ theirs;
        width == their_width && behind(differing, self.prefix, width) == differing
    }
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// The bits behind the prefix.
fn behind(bits: u128, prefix: u8, width: u32) -> u128 {
    let behind = width - u32::from(prefix);
    if behind >= 128 { bits } else { bits & ((1 << behind) - 1) }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written() {
        for good in ["192.0.2.0/24", "192.0.2.7/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "::1/128"] {
            assert_eq!(Network::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "192.0.2.0",
            "192.0.2.0/",
            "192.0.2.1/24",
            "192.0.2.0/33",
            "2001:db8::/129",
            "2001:db8::1/64",
            "a/8",
            "10.0.0.0/+8",
            "10.0.0.0/08",
        ] {
            assert_eq!(Network::parse(bad), Err(NetworkError), "{bad}");
        }
    }

    #[test]
    fn an_address_lies_in_its_network_only() {
        let check = |network: &str, address: &str, expect: bool| {
            assert_eq!(Network::parse(network).unwrap().contains(address.parse().unwrap()), expect, "{network} {address}");
        };
        check("192.0.2.0/24", "192.0.2.255", true);
        check("192.0.2.0/24", "192.0.3.0", false);
        check("192.0.2.7/32", "192.0.2.7", true);
        check("192.0.2.7/32", "192.0.2.6", false);
        check("0.0.0.0/0", "255.255.255.255", true);
        check("0.0.0.0/0", "::1", false);
        check("::/0", "ffff::1", true);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::1/128", "::1", true);
        check("8000::/1", "7fff::", false);
    }
}
