//! The one door through which a question to a device must go.
//!
//! A ventilator, a pump or a thing that nobody knows is never asked; nothing is
//! asked unless a person has switched it on; and no packet is made whose bytes are
//! not in the catalogue of `query`.  The guard is a plain state without a clock or a
//! socket: whoever sends can only send what it hands out, one message at a time.
//!
//! A question goes through three doors in turn, and the bytes are behind the last:
//!
//! 1. [`Guard::permit`]: may this device be asked this, now?
//! 2. [`Permit::write`]: the journal has it, with its purpose, before anything leaves.
//! 3. [`Guard::release`]: the address still belongs to the same card, and nothing has happened since.
//!
//! **Invariant:** what is not known of a device speaks against asking it.

use crate::query::{self, Address, Entry, Missing, Query, Way};
use exposome_model::mac::Mac;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How far a category of `rules/categories` may be asked at most: 0 never, 1 datagrams, 2 a short session.
///
/// A category that is not in this table is never asked.  The table is a ceiling of
/// the sensor itself: no list from a server can lift it.
pub const CEILINGS: &[(&str, u8)] = &[
    ("LS", 0),
    ("TH-C", 0),
    ("TH-I", 0),
    ("MO-C", 0),
    ("MO-S", 1),
    ("IM-I", 1),
    ("IM-D", 2),
    ("LA", 1),
    ("PH", 1),
    ("AS", 1),
    ("CI", 2),
    ("NC", 1),
    // Medical gas and power; and air of which nobody knows whether it is an operating room's.
    ("BT-C", 0),
    ("BT", 0),
    ("IT", 2),
    ("IO", 2),
];

/// What a person has switched on.  By default nothing is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    pub master: bool,
    pub queries: BTreeSet<Query>,
    /// Nothing leaves outside of these; empty: never.
    pub windows: Vec<Window>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub begins: Timestamp,
    pub ends: Timestamp,
}

impl Window {
    fn holds(&self, now: Timestamp) -> bool {
        (self.begins..self.ends).contains(&now)
    }
}

/// What the server says of devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    pub made_at: Timestamp,
    /// Its signature was verified with the server's key.
    pub is_signed: bool,
    pub devices: BTreeMap<Mac, Device>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Every category that something says of it, with what says so.
    pub classes: Vec<Class>,
    pub model: String,
    /// Another speaks for it, or its packets come through a router.
    pub is_behind: bool,
    /// Protocols in which it was heard to answer, or that a person has confirmed, with the port of each.
    pub services: BTreeMap<String, u16>,
    pub binding: Option<Binding>,
    pub address: Address,
    /// Opened by a named person, for this device and one window.
    pub opened: Option<Opened>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// A code of `rules/categories`.
    pub code: String,
    pub source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A document of the hospital: CMMS, CMDB.
    Document(String),
    /// What was heard, by the name of its protocol; one alone can be forged.
    Heard(String),
    Person(String),
}

/// Which card has which address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub ip: IpAddr,
    pub mac: Mac,
    pub seen_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub approver: String,
    pub window: Window,
}

/// How old a list may be.
const LIST_HOURS: i64 = 24;
/// How old a binding may be when a question is planned.
const BINDING_MINUTES: i64 = 5;
/// How old it may be when the bytes leave.
const BINDING_AT_RELEASE_SECONDS: i64 = 10;
/// One session or one round of datagrams of a device a day, whatever is asked.
const DEVICE_HOURS: i64 = 24;
/// Between two messages to one device.
const MESSAGE_SECONDS: i64 = 1;
/// Within so long a device that stops or resets its own traffic is thought to do so because of us.
const AFTERMATH_MINUTES: i64 = 10;
/// Questions a minute in one network of the usual size, and in all.
const NETWORK_A_MINUTE: usize = 4;
const ALL_A_MINUTE: usize = 20;

/// Why nothing is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the kill switch is on")]
    Killed,
    #[error("asking is switched off")]
    Off,
    #[error("this question is switched off")]
    QueryOff,
    #[error("now is in no window")]
    OutsideWindows,
    #[error("the server's list is not signed")]
    Unsigned,
    #[error("the server's list is older than {LIST_HOURS} hours, or from the future")]
    StaleList,
    #[error("the device is not in the server's list")]
    NotListed,
    #[error("another speaks for it")]
    Behind,
    #[error("nobody says what it is for")]
    ClassUnknown,
    #[error("sources disagree on what it is for: {one} and {other}")]
    ClassDisputed { one: String, other: String },
    #[error("what it is for rests on {protocol} alone, which can be forged")]
    ClassUnfounded { protocol: String },
    #[error("things of category {code} are never asked this")]
    TooFragile { code: String },
    #[error("it was not heard to speak {protocol}")]
    NotItsProtocol { protocol: &'static str },
    #[error("its address was last seen with its card too long ago, or never")]
    BindingOld,
    #[error("its address belongs to another card now, or is another one")]
    BindingMoved,
    #[error("{0}")]
    Missing(Missing),
    #[error("it was asked within {DEVICE_HOURS} hours")]
    AskedAlready,
    #[error("another question of it is not done")]
    Busy,
    #[error("its network is asked too much")]
    NetworkBusy,
    #[error("too much is asked")]
    AllBusy,
    #[error(
        "things of the model {model} are left alone since one of them fell silent or reset after a question"
    )]
    ModelBroken { model: String },
    #[error("the message before was sent less than {MESSAGE_SECONDS} s ago")]
    TooSoon,
    #[error("the question is not open")]
    NotOpen,
}

/// A journal that has written when it returns.
pub trait Journal {
    type Error;

    fn write(&mut self, line: &Line) -> Result<(), Self::Error>;
}

/// One line of the journal: what is about to be asked of whom, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    pub mac: Mac,
    pub ip: IpAddr,
    pub port: u16,
    pub query: &'static str,
    pub purpose: &'static str,
    /// Who opened a device that is closed by default.
    pub approver: Option<String>,
    /// Every message, in full.
    pub messages: Vec<Vec<u8>>,
}

/// The first door is open: this may be asked.  It has no bytes to send.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    number: u64,
    mac: Mac,
    query: Query,
    line: Line,
    way: Way,
}

/// The second door is open: it is in the journal.
#[derive(Debug)]
#[must_use]
pub struct Written {
    number: u64,
    mac: Mac,
    ip: IpAddr,
    port: u16,
    query: Query,
    way: Way,
    messages: std::vec::IntoIter<Vec<u8>>,
}

/// A message to send, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub mac: Mac,
    pub ip: IpAddr,
    pub port: u16,
    pub query: Query,
    pub way: Way,
    pub bytes: Vec<u8>,
}

/// The guard of one sensor.
#[derive(Debug, Default)]
pub struct Guard {
    switches: Switches,
    list: List,
    is_killed: bool,
    asked: BTreeMap<Mac, Asked>,
    /// When questions were permitted in the last minute, and in which network.
    recent: Vec<(Timestamp, Option<exposome_model::network::Network>)>,
    broken: BTreeSet<String>,
    numbers: u64,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    number: u64,
    at: Timestamp,
    last_message: Option<Timestamp>,
    is_open: bool,
}

impl Guard {
    pub fn new(switches: Switches) -> Guard {
        Guard { switches, ..Guard::default() }
    }

    /// Takes another list in place of the one before.
    pub fn learn(&mut self, list: List) {
        self.list = list;
    }

    /// Nothing leaves from now on, whatever is open.  It is never taken back by the guard itself.
    pub fn kill(&mut self) {
        self.is_killed = true;
    }

    /// A device's own traffic has stopped, or was reset.
    pub fn disturbed(&mut self, mac: Mac, now: Timestamp) {
        let Some(asked) = self.asked.get_mut(&mac) else { return };
        let last = asked.last_message.unwrap_or(asked.at);
        if now.duration_since(last) <= SignedDuration::from_mins(AFTERMATH_MINUTES) {
            asked.is_open = false;
            let model = self.list.devices.get(&mac).map(|it| it.model.clone());
            self.broken.insert(model.unwrap_or_default());
        }
    }

    /// The first door.
    pub fn permit(&mut self, mac: Mac, query: Query, now: Timestamp) -> Result<Permit, Refusal> {
        let (line, way) = self.plan(mac, query, now)?;
        self.may_begin(mac, line.ip, now)?;
        self.numbers += 1;
        let number = self.numbers;
        self.asked.insert(mac, Asked { number, at: now, last_message: None, is_open: true });
        self.recent.push((now, network(line.ip)));
        Ok(Permit { number, mac, query, line, way })
    }

    /// What would be asked, with every byte, and nothing else: no budget is taken and nothing can be sent with it.
    pub fn plan(&self, mac: Mac, query: Query, now: Timestamp) -> Result<(Line, Way), Refusal> {
        let entry = query.entry();
        self.is_on(query, now)?;
        let device = self.list.devices.get(&mac).ok_or(Refusal::NotListed)?;
        let approver = may_be_asked(device, entry, now)?;
        if self.broken.contains(&device.model) {
            return Err(Refusal::ModelBroken { model: device.model.clone() });
        }
        let binding = device.binding.filter(|it| it.mac == mac).ok_or(Refusal::BindingOld)?;
        is_fresh(binding.seen_at, now, SignedDuration::from_mins(BINDING_MINUTES))?;
        let messages =
            query::messages(query, binding.ip, &device.address).map_err(Refusal::Missing)?;
        let Some(&port) = device.services.get(entry.protocol) else {
            return Err(Refusal::NotItsProtocol { protocol: entry.protocol });
        };
        let line = Line {
            at: now,
            mac,
            ip: binding.ip,
            port,
            query: entry.name,
            purpose: entry.purpose,
            approver,
            messages,
        };
        Ok((line, entry.way))
    }

    fn is_on(&self, query: Query, now: Timestamp) -> Result<(), Refusal> {
        if self.is_killed {
            return Err(Refusal::Killed);
        }
        if !self.switches.master {
            return Err(Refusal::Off);
        }
        if !self.switches.queries.contains(&query) {
            return Err(Refusal::QueryOff);
        }
        if !self.switches.windows.iter().any(|it| it.holds(now)) {
            return Err(Refusal::OutsideWindows);
        }
        if !self.list.is_signed {
            return Err(Refusal::Unsigned);
        }
        let age = now.duration_since(self.list.made_at);
        if age.is_negative() || age > SignedDuration::from_hours(LIST_HOURS) {
            return Err(Refusal::StaleList);
        }
        Ok(())
    }

    /// Budgets: of the device, of its network, of all.
    fn may_begin(&mut self, mac: Mac, ip: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        if let Some(asked) = self.asked.get(&mac) {
            if asked.is_open {
                return Err(Refusal::Busy);
            }
            if now.duration_since(asked.at) < SignedDuration::from_hours(DEVICE_HOURS) {
                return Err(Refusal::AskedAlready);
            }
        }
        // A clock that goes back frees nothing.
        self.recent.retain(|(at, _)| now.duration_since(*at) < SignedDuration::from_mins(1));
        let of_network = self.recent.iter().filter(|(_, it)| *it == network(ip)).count();
        if of_network >= NETWORK_A_MINUTE {
            return Err(Refusal::NetworkBusy);
        }
        if self.recent.len() >= ALL_A_MINUTE {
            return Err(Refusal::AllBusy);
        }
        Ok(())
    }

    /// The third door: the next message of a question, or none where it was the last.
    ///
    /// `binding` is what was seen just now, by an ARP answer or in the device's own packet.
    pub fn release(
        &mut self,
        written: &mut Written,
        binding: Binding,
        now: Timestamp,
    ) -> Result<Option<Message>, Refusal> {
        let released = self.next(written, binding, now);
        let is_done = !matches!(released, Ok(Some(_)) | Err(Refusal::TooSoon));
        if is_done {
            self.close(written);
        }
        released
    }

    fn next(
        &mut self,
        written: &mut Written,
        binding: Binding,
        now: Timestamp,
    ) -> Result<Option<Message>, Refusal> {
        let Written { number, mac, ip, port, query, way, .. } = *written;
        if (binding.mac, binding.ip) != (mac, ip) {
            return Err(Refusal::BindingMoved);
        }
        is_fresh(binding.seen_at, now, SignedDuration::from_secs(BINDING_AT_RELEASE_SECONDS))?;
        // What was true when it was planned must be so still.
        let (planned, _) = self.plan(mac, query, now)?;
        let asked = self.asked.get_mut(&mac).ok_or(Refusal::NotOpen)?;
        if asked.number != number || !asked.is_open || (planned.ip, planned.port) != (ip, port) {
            return Err(Refusal::NotOpen);
        }
        let between = asked.last_message.map(|last| now.duration_since(last));
        if between.is_some_and(|it| it < SignedDuration::from_secs(MESSAGE_SECONDS)) {
            return Err(Refusal::TooSoon);
        }
        let Some(bytes) = written.messages.next() else { return Ok(None) };
        asked.last_message = Some(now);
        Ok(Some(Message { mac, ip, port, query, way, bytes }))
    }

    /// A question is done: answered, refused by the device, or given up.
    pub fn close(&mut self, written: &Written) {
        if let Some(asked) = self.asked.get_mut(&written.mac)
            && asked.number == written.number
        {
            asked.is_open = false;
        }
    }
}

impl Permit {
    /// What would be sent.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// The second door.  Where the journal cannot write, nothing is sent.
    pub fn write<J: Journal>(self, journal: &mut J) -> Result<Written, J::Error> {
        journal.write(&self.line)?;
        let Permit { number, mac, query, line, way } = self;
        let messages = line.messages.into_iter();
        Ok(Written { number, mac, ip: line.ip, port: line.port, query, way, messages })
    }
}

/// Whether what is known of a device allows a question; who opened it, where it is closed by default.
fn may_be_asked(
    device: &Device,
    entry: &'static Entry,
    now: Timestamp,
) -> Result<Option<String>, Refusal> {
    if device.is_behind {
        return Err(Refusal::Behind);
    }
    if !device.services.contains_key(entry.protocol) {
        return Err(Refusal::NotItsProtocol { protocol: entry.protocol });
    }
    let class = class_of(device);
    let refused = match class {
        Ok(code) if ceiling(code) >= entry.tier => return Ok(None),
        Ok(code) => Refusal::TooFragile { code: code.to_owned() },
        Err(refused) => refused,
    };
    match &device.opened {
        Some(opened) if !opened.approver.is_empty() && opened.window.holds(now) => {
            Ok(Some(opened.approver.clone()))
        }
        _ => Err(refused),
    }
}

/// What a device is for, where that is well founded.
fn class_of(device: &Device) -> Result<&str, Refusal> {
    let first = device.classes.first().ok_or(Refusal::ClassUnknown)?;
    if let Some(other) = device.classes.iter().find(|it| it.code != first.code) {
        let (one, other) = (first.code.clone(), other.code.clone());
        return Err(Refusal::ClassDisputed { one, other });
    }
    let sources: BTreeSet<&Source> = device.classes.iter().map(|it| &it.source).collect();
    match sources.first() {
        Some(Source::Heard(protocol)) if sources.len() == 1 => {
            Err(Refusal::ClassUnfounded { protocol: protocol.clone() })
        }
        _ => Ok(&first.code),
    }
}

fn ceiling(code: &str) -> u8 {
    CEILINGS.iter().find(|(it, _)| *it == code).map_or(0, |(_, tier)| *tier)
}

fn is_fresh(seen_at: Timestamp, now: Timestamp, most: SignedDuration) -> Result<(), Refusal> {
    let age = now.duration_since(seen_at);
    if age.is_negative() || age > most { Err(Refusal::BindingOld) } else { Ok(()) }
}

fn network(ip: IpAddr) -> Option<exposome_model::network::Network> {
    exposome_model::network::Network::of(ip, if ip.is_ipv4() { 24 } else { 64 })
}

#[cfg(test)]
mod tests;
