//! A part of a network, as a zone sheet names it: `10.20.0.0/16`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin with the same bits; a single address is the network of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    first: IpAddr,
    /// How many bits of the address all have in common.
    prefix: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("this is no network: an address and a number of bits are expected, as in 10.20.0.0/16")]
    Shape,
    #[error("an address has {most} bits, and these are more")]
    Prefix { most: u8 },
    #[error("the address has bits beyond its /{prefix}: {network} is the network it lies in")]
    Inside { prefix: u8, network: Network },
}

impl Network {
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.first.is_ipv4() == address.is_ipv4()
            && Network::of(address, self.prefix) == Some(*self)
    }

    /// The network of this size in which an address lies; `None` if an address has fewer bits.
    pub fn of(address: IpAddr, prefix: u8) -> Option<Network> {
        if prefix > bits_of(address) {
            return None;
        }
        let first = match address.to_canonical() {
            IpAddr::V4(it) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::from((it.to_bits() & mask).to_be_bytes())
            }
            IpAddr::V6(it) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::from(Ipv6Addr::from_bits(it.to_bits() & mask))
            }
        };
        Some(Network { first, prefix })
    }
}

fn bits_of(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Network, Error> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => {
                (address.trim(), Some(prefix.trim().parse::<u8>().map_err(|_| Error::Shape)?))
            }
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| Error::Shape)?;
        let most = bits_of(address);
        let prefix = prefix.unwrap_or(most);
        let network = Network::of(address, prefix).ok_or(Error::Prefix { most })?;
        if network.first == address { Ok(network) } else { Err(Error::Inside { prefix, network }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, address: &str, expected: bool) {
        let network: Network = network.parse().unwrap();
        assert_eq!(network.contains(address.parse().unwrap()), expected, "{network} {address}");
    }

    #[test]
    fn an_address_lies_in_the_network_it_begins_like() {
        check("10.20.0.0/16", "10.20.255.1", true);
        check("10.20.0.0/16", "10.21.0.1", false);
        check("10.20.0.7", "10.20.0.7", true);
        check("10.20.0.7", "10.20.0.8", false);
        check("0.0.0.0/0", "192.0.2.1", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("::/0", "2001:db8::1", true);
        check("10.0.0.0/8", "::ffff:10.1.2.3", true);
    }

    #[test]
    fn what_is_no_network_is_refused_with_its_reason() {
        let error = |text: &str| text.parse::<Network>().unwrap_err();
        assert_eq!(error("ward 3"), Error::Shape);
        assert_eq!(error("10.1.2.0/x"), Error::Shape);
        assert_eq!(error("10.1.2.0/33"), Error::Prefix { most: 32 });
        assert_eq!(
            error("10.1.2.3/24").to_string(),
            "the address has bits beyond its /24: 10.1.2.0/24 is the network it lies in"
        );
    }
}
