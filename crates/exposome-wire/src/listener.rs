//! The listener: frame after frame in, and at the end who was there, what they said of themselves and to whom.

use crate::board::{Board, BoardLimits};
use crate::capture::Frame;
use crate::conversation::{Conversations, Key, Row, Stream};
use crate::flow::{self, Flows};
use crate::fragments::Fragments;
use crate::inflate::Inflater;
use crate::ip::{self, Address, Packet};
use crate::link::{self, Framed, Inside, VlanTag};
use crate::notes::{Notes, Rules};
use crate::protocols::{First, FrameKind, Protocol, Protocols, Recognise, Sound};
use crate::station::{AddressId, Stations, Subject};
use crate::stream::{Arrival, Half, Side};
use exposome_model::sighting::{Certainty, Flow, Observation, Property, Sighting, Transport};
use foldhash::fast::FixedState;
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

/// How much is remembered at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Addresses, and devices behind gateways, of each.
    pub stations: usize,
    pub flows: usize,
    /// Connections between two ports; the longest silent makes room.
    pub conversations: usize,
    /// Connections that are being read, and what they may hold together.
    pub streams: usize,
    pub stream_bytes: usize,
    pub observations: usize,
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            stations: 1 << 20,
            flows: 1 << 20,
            conversations: 1 << 20,
            streams: 1 << 14,
            stream_bytes: 32 << 20,
            observations: 1 << 21,
            text_bytes: 64 << 20,
        }
    }
}

/// What was heard, in numbers: what was not understood is one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub frames: u64,
    pub bytes: u64,
    pub ip_packets: u64,
    pub tcp_segments: u64,
    pub udp_datagrams: u64,
    /// Parts of packets.
    pub fragments: u64,
    /// Frames that end before their headers do.
    pub broken: u64,
    /// Frames of a link or with a content that is not read.
    pub unread: u64,
    /// Frames of which too many others were before them.
    pub not_placed: u64,
    /// Messages by protocol, and how many of them broke off; both in the list's order.
    pub messages: Vec<(Protocol, Messages)>,
    /// Connections, exchanges and flows that were forgotten or not kept for lack of room.
    pub forgotten: u64,
    /// Observations that were not kept for lack of room.
    pub not_kept: u64,
    /// Values that were refused because they might name a patient or are no text.
    pub refused: u64,
    /// Packets whose parts never came together.
    pub fragments_given_up: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Messages {
    pub read: u64,
    pub broken: u64,
}

/// Hears frames.
pub struct Listener {
    hash: FixedState,
    rules: Rules,
    stations: Stations,
    flows: Flows,
    conversations: Conversations,
    fragments: Fragments,
    board: Board,
    inflater: Inflater,
    tally: Tally,
    /// By the list's order.
    messages: [Messages; Protocol::ALL.len()],
    known: Known,
}

/// The list of protocols, by where they are read from.
struct Known {
    frames: Vec<(FrameKind, Protocol)>,
    datagrams: Vec<(Protocol, Recognise)>,
    streams: Vec<(Protocol, Recognise)>,
}

impl Known {
    fn new() -> Known {
        let all = || Protocol::ALL.iter().copied();
        Known {
            frames: all().filter_map(|it| Some((it.facts().frame?.kind, it))).collect(),
            datagrams: all().filter_map(|it| Some((it, it.facts().datagram?.recognise))).collect(),
            streams: all().filter_map(|it| Some((it, it.facts().stream?.recognise))).collect(),
        }
    }

    fn frame(&self, kind: FrameKind) -> Option<Protocol> {
        self.frames.iter().find(|(it, _)| *it == kind).map(|(_, protocol)| *protocol)
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Listener").field("tally", &self.tally).finish_non_exhaustive()
    }
}

/// Who sends a packet, or receives it.
#[derive(Debug, Clone, Copy)]
struct End {
    id: AddressId,
    /// `None` for a group of receivers.
    subject: Option<Subject>,
    address: Address,
}

/// A packet between two ends.
#[derive(Debug, Clone, Copy)]
struct Context {
    at_ns: i64,
    vlan: VlanTag,
    sender: End,
    receiver: End,
    /// Bytes of the IP packet.
    len: u32,
}

/// A datagram that is the same as the one before it within this time is sent twice, not said twice.
const REPEATED_NS: u64 = 5_000_000_000;
/// How often a connection is looked at in which nothing is recognised.
const LOOKS_MAX: u8 = 8;
/// First words that are so many tell what they are, if anything does.
const ENOUGH_BYTES: usize = 128;

impl Listener {
    /// Only where things lie in memory depends on the seed, never what is said of them; who listens to a network gives
    /// a random one, so that nobody there can choose addresses that fall together.
    pub fn new(limits: &Limits, rules: Rules, seed: u64) -> Listener {
        let board = BoardLimits { notes: limits.observations, text_bytes: limits.text_bytes };
        Listener {
            hash: FixedState::with_seed(seed),
            rules,
            stations: Stations::new(limits.stations, seed),
            flows: Flows::new(limits.flows, seed),
            conversations: Conversations::new(
                limits.conversations,
                limits.streams,
                limits.stream_bytes,
                seed,
            ),
            fragments: Fragments::default(),
            board: Board::new(board, seed),
            inflater: Inflater::default(),
            tally: Tally::default(),
            messages: [Messages::default(); Protocol::ALL.len()],
            known: Known::new(),
        }
    }

    pub fn hear(&mut self, frame: &Frame<'_>) {
        self.tally.frames += 1;
        self.tally.bytes += frame.bytes.len() as u64;
        let Some(framed) = link::open(frame.link, frame.bytes) else {
            self.tally.broken += 1;
            return;
        };
        let at_ns = frame.at_ns;
        match framed.inside {
            Inside::Ip(packet) => {
                let Some(packet) = ip::open(packet) else {
                    self.tally.broken += 1;
                    return;
                };
                self.tally.ip_packets += 1;
                self.packet(at_ns, &framed, &packet);
            }
            Inside::Typed(kind, rest) => self.frame(at_ns, &framed, FrameKind::Typed(kind), rest),
            Inside::Snap(of, kind, rest) => {
                self.frame(at_ns, &framed, FrameKind::Snap(of, kind), rest);
            }
            Inside::Llc(service, rest) => {
                self.frame(at_ns, &framed, FrameKind::Llc(service), rest);
            }
            Inside::Unread => self.tally.unread += 1,
        }
    }

    /// A frame that is no IP packet.
    fn frame(&mut self, at_ns: i64, framed: &Framed<'_>, kind: FrameKind, rest: &[u8]) {
        let Some(sender) = self.stations.frame_sender(at_ns, framed.vlan, framed.source) else {
            self.tally.not_placed += 1;
            return;
        };
        let nobody = Address(0);
        let Some(protocol) = self.known.frame(kind) else {
            self.tally.unread += 1;
            return;
        };
        let context = Context {
            at_ns,
            vlan: framed.vlan,
            sender: End { id: AddressId(0), subject: Some(sender), address: nobody },
            receiver: End { id: AddressId(0), subject: None, address: nobody },
            len: 0,
        };
        self.read_frame(&context, protocol, rest);
    }

    fn read_frame(&mut self, context: &Context, protocol: Protocol, rest: &[u8]) {
        let Some(reader) = protocol.facts().frame else { return };
        let Some((mut notes, messages)) = self.notes(context, protocol) else { return };
        let done = (reader.read)(rest, &mut notes);
        count(messages, protocol, done);
    }

    fn packet(&mut self, at_ns: i64, framed: &Framed<'_>, packet: &Packet<'_>) {
        if let Some(part) = packet.fragment {
            self.tally.fragments += 1;
            if let Some(payload) = self.fragments.add(at_ns, packet, part) {
                let whole = Packet { payload: &payload, fragment: None, ..*packet };
                self.whole_packet(at_ns, framed, &whole);
            } else {
                // Its sender is there all the same.
                let _ = self.stations.sender(at_ns, framed.vlan, framed.source, packet.source);
            }
            return;
        }
        self.whole_packet(at_ns, framed, packet);
    }

    fn whole_packet(&mut self, at_ns: i64, framed: &Framed<'_>, packet: &Packet<'_>) {
        let Some(context) = self.context(at_ns, framed, packet) else {
            self.tally.not_placed += 1;
            return;
        };
        match packet.protocol {
            ip::TCP => {
                let Some(segment) = ip::open_tcp(packet.payload) else {
                    self.tally.broken += 1;
                    return;
                };
                self.tally.tcp_segments += 1;
                self.segment(&context, &segment, packet.cut);
            }
            ip::UDP => {
                let Some((ports, payload)) = ip::open_udp(packet.payload) else {
                    self.tally.broken += 1;
                    return;
                };
                self.tally.udp_datagrams += 1;
                self.datagram(&context, ports, payload);
            }
            other => match self.known.frame(FrameKind::Ip(other)) {
                Some(protocol) => self.read_frame(&context, protocol, packet.payload),
                None => self.tally.unread += 1,
            },
        }
    }

    fn context(&mut self, at_ns: i64, framed: &Framed<'_>, packet: &Packet<'_>) -> Option<Context> {
        let vlan = framed.vlan;
        let (id, subject) = self.stations.sender(at_ns, vlan, framed.source, packet.source)?;
        let sender = End { id, subject: Some(subject), address: packet.source };
        let (id, subject) = self.stations.receiver(at_ns, vlan, packet.destination)?;
        // A connection has one receiver, whatever the frame says.
        let is_to_many = framed.is_to_many && packet.protocol != ip::TCP;
        let is_one = !is_to_many && !packet.destination.is_of_many();
        let receiver = End { id, subject: is_one.then_some(subject), address: packet.destination };
        Some(Context { at_ns, vlan, sender, receiver, len: packet.len })
    }

    fn datagram(&mut self, context: &Context, ports: (u16, u16), payload: &[u8]) {
        let (key, is_first) =
            Key::of(Transport::Udp, (context.sender.id, ports.0), (context.receiver.id, ports.1));
        let (at, is_new) = self.conversations.row(context.at_ns, key, |_| ());
        let first = First { bytes: payload, is_on_port: false, ports, from: None };
        let (known, looked) =
            self.conversations.get(at).map_or((None, 0), |it| (it.protocol, it.looked));
        let found = match known {
            Some(protocol) if payload.is_empty() => Some((protocol, None)),
            _ => known
                .and_then(|it| Some((it, Some(recognised_datagram(it, first)?))))
                .or_else(|| any_datagram(&self.known.datagrams, first, looked)),
        };
        let is_to_many = context.receiver.subject.is_none();
        if let Some(row) = self.conversations.get_mut(at) {
            if is_new {
                let sound = found.and_then(|(_, sound)| sound).and_then(Sound::side);
                let sender_is = if is_to_many {
                    // Who speaks to many is one of many.
                    Side::Client
                } else {
                    sound.unwrap_or_else(|| by_ports(ports, found.map(|(it, _)| it)))
                };
                row.client_is_first = (sender_is == Side::Client) == is_first;
            }
            match found {
                Some((protocol, _)) => row.protocol = row.protocol.or(Some(protocol)),
                None => row.looked = row.looked.saturating_add(1),
            }
        }
        self.place(at, context.at_ns);
        let digest = self.hash.hash_one(payload);
        let Some(row) = self.conversations.get_mut(at) else { return };
        let (flow, side) = (row.flow, row.side(is_first));
        // Discovery says everything several times (SOAP-over-UDP, annex A); the second time it says nothing new.
        let (before, before_ns) = row.read_last;
        let is_repeated = before == digest && context.at_ns.abs_diff(before_ns) < REPEATED_NS;
        if !is_repeated {
            row.read_last = (digest, context.at_ns);
        }
        if let Some(flow) = flow {
            self.flows.count(flow, context.at_ns, side == Side::Server, context.len);
        }
        let Some((protocol, sound)) = found.filter(|_| !is_repeated) else { return };
        self.spoken(context, at, protocol, side, sound);
        let Some(reader) = protocol.facts().datagram else { return };
        let Some((mut notes, messages)) = self.notes(context, protocol) else { return };
        let done = (reader.read)(payload, &mut notes);
        let inside = notes.inside;
        count(messages, protocol, done);
        for protocol in inside.iter() {
            self.spoken(context, at, protocol, side, sound);
        }
    }

    fn segment(&mut self, context: &Context, segment: &ip::Segment<'_>, cut: u32) {
        let ports = segment.ports;
        let (key, is_first) =
            Key::of(Transport::Tcp, (context.sender.id, ports.0), (context.receiver.id, ports.1));
        let at_ns = context.at_ns;
        let flows = &mut self.flows;
        let (at, is_new) = self.conversations.row(at_ns, key, |row| leave(flows, row));
        self.opening(at, is_new, is_first, segment, context);
        self.count_segment(at, is_first, context);
        let Some(row) = self.conversations.get_mut(at) else { return };
        let side = row.side(is_first);
        let payload = segment.payload;
        if !payload.is_empty() && !row.is_read {
            let start = segment.sequence.wrapping_add(u32::from(segment.flags.is_opening()));
            self.read_segment(context, at, is_first, ports, (start, payload, cut));
        }
        if segment.flags.is_closing() || segment.flags.is_breaking() {
            let Some(row) = self.conversations.get_mut(at) else { return };
            *row.closed.of_mut(side) = true;
            if segment.flags.is_breaking() || (row.closed.client && row.closed.server) {
                row.is_read = true;
                self.conversations.close_stream(at);
                self.place(at, at_ns);
            }
        }
    }

    /// Who opens whom, and with which numbers.
    fn opening(
        &mut self,
        at: u32,
        is_new: bool,
        is_first: bool,
        segment: &ip::Segment<'_>,
        context: &Context,
    ) {
        let flags = segment.flags;
        let Some(row) = self.conversations.get(at) else { return };
        let begins = segment.sequence.wrapping_add(1);
        if flags.is_opening() && !flags.is_accepting() {
            let side = row.side(is_first);
            let is_repeated = *row.opened_at.of(side) == Some(begins) && row.opening_seen;
            if !is_new && !is_repeated {
                self.place(at, context.at_ns);
                self.conversations.begin_anew(at, context.at_ns);
            }
        }
        let Some(row) = self.conversations.get_mut(at) else { return };
        if flags.is_opening() {
            let client_is_first = is_first != flags.is_accepting();
            if !row.opening_seen && row.flow.is_none() && row.client_is_first != client_is_first {
                row.turn();
            }
            row.opening_seen = true;
            let side = row.side(is_first);
            *row.opened_at.of_mut(side) = Some(begins);
            if row.flow.is_none() {
                self.place(at, context.at_ns);
            }
        } else if is_new {
            let sender_is = by_ports(segment.ports, None);
            row.client_is_first = (sender_is == Side::Client) == is_first;
        }
    }

    fn count_segment(&mut self, at: u32, is_first: bool, context: &Context) {
        let Some(row) = self.conversations.get_mut(at) else { return };
        let side = row.side(is_first);
        match row.flow {
            Some(flow) => {
                self.flows.count(flow, context.at_ns, side == Side::Server, context.len);
            }
            None => row.unplaced.of_mut(side).add(context.len),
        }
    }

    /// Gives a conversation its flow, now that it is known, or must be assumed, who asks whom.
    fn place(&mut self, at: u32, at_ns: i64) {
        let Some(row) = self.conversations.get_mut(at) else { return };
        if row.flow.is_some() {
            return;
        }
        let key = flow_key(row);
        let (first_ns, counts) = (row.first_ns.min(at_ns), row.unplaced);
        let last_ns = row.last_ns;
        let Some(flow) = self.flows.opened(first_ns, key) else { return };
        row.flow = Some(flow);
        row.unplaced = crate::stream::Sides::default();
        self.flows.count_earlier(flow, (first_ns, last_ns), counts.client, counts.server);
    }

    fn read_segment(
        &mut self,
        context: &Context,
        at: u32,
        is_first: bool,
        ports: (u16, u16),
        (start, payload, cut): (u32, &[u8], u32),
    ) {
        let mut stream = self.conversations.take_stream(at, context.at_ns);
        let side = self.conversations.get(at).map_or(Side::Client, |it| it.side(is_first));
        let mut goes_on = true;
        match stream.halves.of_mut(side).arrive(start, payload) {
            Arrival::InOrder(bytes) => {
                goes_on = self.read_bytes(context, at, is_first, ports, &mut stream, bytes);
            }
            Arrival::AfterLoss => {
                *stream.in_step.of_mut(side) = false;
                if let Some((_, reader)) = &mut stream.reader {
                    reader.lost(side);
                }
            }
            Arrival::Early | Arrival::Nothing => {}
        }
        while goes_on {
            let side = self.conversations.get(at).map_or(side, |it| it.side(is_first));
            let Some(bytes) = stream.halves.of_mut(side).next_early() else { break };
            goes_on = self.read_bytes(context, at, is_first, ports, &mut stream, &bytes);
        }
        if cut > 0 {
            let side = self.conversations.get(at).map_or(side, |it| it.side(is_first));
            stream.halves.of_mut(side).cut(cut);
            *stream.in_step.of_mut(side) = false;
            if let Some((_, reader)) = &mut stream.reader {
                reader.lost(side);
            }
        }
        if goes_on {
            self.conversations.put_stream(at, stream);
            return;
        }
        if let Some(row) = self.conversations.get_mut(at) {
            row.is_read = true;
        }
        self.conversations.close_stream(at);
        self.place(at, context.at_ns);
    }

    /// Bytes in their order; whether the connection is worth reading on.
    fn read_bytes(
        &mut self,
        context: &Context,
        at: u32,
        is_first: bool,
        ports: (u16, u16),
        stream: &mut Stream,
        bytes: &[u8],
    ) -> bool {
        let Some(row) = self.conversations.get(at) else { return false };
        let mut side = row.side(is_first);
        let from = row.opening_seen.then_some(side);
        let first = First { bytes, is_on_port: false, ports, from };
        let gathered;
        let mut bytes = bytes;
        if stream.reader.is_none() {
            let half = stream.halves.of_mut(side);
            let mut found = first_of(&self.known.streams, first);
            if found.is_none() {
                // Together with what came before it may be enough to tell.
                gathered = half.gather(bytes);
                bytes = &gathered;
                if gathered.len() > first.bytes.len() {
                    found = first_of(&self.known.streams, First { bytes, ..first });
                }
                if found.is_none() && gathered.len() < ENOUGH_BYTES {
                    half.keep(gathered);
                    return true;
                }
            } else {
                half.keep(Vec::new());
            }
            let Some((protocol, sound)) = found else {
                return self.not_recognised(context, at);
            };
            let Some(row) = self.conversations.get_mut(at) else { return false };
            row.protocol = Some(protocol);
            if let (None, Some(said)) = (from, sound.side())
                && said != side
                && row.flow.is_none()
            {
                row.turn();
                std::mem::swap(&mut stream.halves.client, &mut stream.halves.server);
                side = said;
            }
            let Some(reader) = protocol.facts().stream else { return false };
            stream.reader = Some((protocol, (reader.open)()));
            self.place(at, context.at_ns);
            self.spoken(context, at, protocol, side, None);
        } else if !*stream.in_step.of(side) {
            let Some((protocol, _)) = &stream.reader else { return false };
            let Some(reader) = protocol.facts().stream else { return false };
            if protocol.recognised(reader.recognise, first).is_none() {
                return self.not_recognised(context, at);
            }
        }
        *stream.in_step.of_mut(side) = true;
        let Some((protocol, reader)) = &mut stream.reader else { return false };
        let protocol = *protocol;
        let Some((mut notes, messages)) = self.notes(context, protocol) else {
            return false;
        };
        let half: &mut Half = stream.halves.of_mut(side);
        let goes_on = half.give(side, bytes, reader.as_mut(), &mut notes);
        let inside = notes.inside;
        count(messages, protocol, Some(()));
        for protocol in inside.iter() {
            self.spoken(context, at, protocol, side, None);
        }
        goes_on
    }

    /// One more look in vain; whether another is worth it.
    fn not_recognised(&mut self, context: &Context, at: u32) -> bool {
        let Some(row) = self.conversations.get_mut(at) else { return false };
        row.looked = row.looked.saturating_add(1);
        let goes_on = row.looked < LOOKS_MAX;
        if !goes_on {
            self.place(at, context.at_ns);
        }
        goes_on
    }

    /// A protocol was spoken between two: one serves it, the other uses it.
    fn spoken(
        &mut self,
        context: &Context,
        at: u32,
        protocol: Protocol,
        sender_is: Side,
        sound: Option<Sound>,
    ) {
        let Some(flow) = self.conversations.get(at).and_then(|it| it.flow) else { return };
        let Some(key) = self.flows.key(flow) else { return };
        let (client, server) = match sender_is {
            Side::Client => (context.sender.subject, context.receiver.subject),
            Side::Server => (context.receiver.subject, context.sender.subject),
        };
        let announces = context.receiver.subject.is_none() && sound == Some(Sound::Server);
        // A connection was accepted; a datagram may find nobody.
        let is_served = key.transport == Transport::Tcp || sender_is == Side::Server || announces;
        let (is_new, is_newly_served) = self.flows.speaks(flow, protocol, is_served);
        if !is_new && !is_newly_served {
            return;
        }
        let at_ns = context.at_ns;
        let mut note = |subject: Option<Subject>, property, value: &str| {
            if let Some(subject) = subject {
                let how = (protocol, Certainty::Seen);
                self.board.note(at_ns, subject, property, value.as_bytes(), how);
            }
        };
        let served = format!("{} {}/{}", protocol.name(), key.transport, key.port);
        if announces {
            // It says to all what it serves.
            note(context.sender.subject, Property::Serves, &served);
            return;
        }
        if is_new {
            note(client, Property::Uses, protocol.name());
        }
        if is_newly_served {
            note(server, Property::Serves, &served);
        }
    }

    fn notes(
        &mut self,
        context: &Context,
        protocol: Protocol,
    ) -> Option<(Notes<'_>, &mut [Messages])> {
        let notes = Notes {
            board: &mut self.board,
            stations: &mut self.stations,
            inflater: &mut self.inflater,
            rules: self.rules,
            at_ns: context.at_ns,
            vlan: context.vlan,
            protocol,
            sender: context.sender.subject?,
            receiver: context.receiver.subject,
            addresses: (context.sender.address, context.receiver.address),
            inside: Protocols::default(),
        };
        Some((notes, &mut self.messages))
    }

    /// Everybody who sent something or was spoken of, with all that was noticed of them; ordered.
    pub fn sightings(&self) -> Vec<Sighting> {
        let mut observations: BTreeMap<Subject, Vec<Observation>> = BTreeMap::new();
        for (subject, observation) in self.board.all() {
            observations.entry(subject).or_default().push(observation);
        }
        let mut sightings: Vec<Sighting> = self
            .stations
            .all()
            .filter_map(|(subject, who, presence)| {
                let mut of_it = observations.remove(&subject).unwrap_or_default();
                if presence.packets == 0 && of_it.is_empty() {
                    return None;
                }
                of_it.sort();
                Some(Sighting {
                    who,
                    first_seen: crate::moment(presence.first_ns),
                    last_seen: crate::moment(presence.last_ns),
                    packets: presence.packets,
                    observations: of_it,
                })
            })
            .collect();
        sightings.sort_by(|a, b| a.who.cmp(&b.who));
        sightings
    }

    /// Who talked to whom; ordered.
    pub fn flows(&mut self) -> Vec<Flow> {
        for at in 0..self.conversations.all().len() {
            if let Ok(at) = u32::try_from(at) {
                self.place(at, i64::MAX);
            }
        }
        self.flows.all(&self.stations)
    }

    pub fn tally(&self) -> Tally {
        let messages = Protocol::ALL.iter().copied().zip(self.messages);
        Tally {
            messages: messages.filter(|(_, it)| *it != Messages::default()).collect(),
            forgotten: self.conversations.forgotten + self.flows.not_kept,
            not_kept: self.board.not_kept + self.stations.not_kept,
            refused: self.board.refused,
            fragments_given_up: self.fragments.given_up,
            ..self.tally.clone()
        }
    }

    /// How many flows are remembered.
    pub fn flows_kept(&self) -> usize {
        self.flows.len()
    }

    /// What streams hold that are not read to their end.
    pub fn held_bytes(&self) -> usize {
        self.conversations.held_bytes
    }
}

fn count(messages: &mut [Messages], protocol: Protocol, done: Option<()>) {
    if let Some(counted) = messages.get_mut(protocol as usize) {
        counted.read += 1;
        counted.broken += u64::from(done.is_none());
    }
}

/// A conversation makes room: what was counted of it before it was known who asks whom goes to its flow.
fn leave(flows: &mut Flows, row: &Row) {
    if row.flow.is_some() {
        return;
    }
    if let Some(flow) = flows.opened(row.first_ns, flow_key(row)) {
        let counts = row.unplaced;
        flows.count_earlier(flow, (row.first_ns, row.last_ns), counts.client, counts.server);
    }
}

fn flow_key(row: &Row) -> flow::Key {
    let (client, _) = row.key.end(row.client_is_first);
    let (server, port) = row.key.end(!row.client_is_first);
    flow::Key { client, server, port, transport: row.key.transport() }
}

/// Who asks, where neither the opening nor the words tell: who serves mostly has the known or the lower port.
fn by_ports((sender, receiver): (u16, u16), protocol: Option<Protocol>) -> Side {
    let is_known = |port: u16| protocol.is_some_and(|it| it.facts().ports.contains(&port));
    match (is_known(sender), is_known(receiver)) {
        (true, false) => Side::Server,
        (false, true) => Side::Client,
        _ if sender < receiver => Side::Server,
        _ => Side::Client,
    }
}

fn recognised_datagram(protocol: Protocol, first: First<'_>) -> Option<Sound> {
    protocol.recognised(protocol.facts().datagram?.recognise, first)
}

/// The first of all protocols that knows a datagram.
fn any_datagram(
    known: &[(Protocol, Recognise)],
    first: First<'_>,
    looked: u8,
) -> Option<(Protocol, Option<Sound>)> {
    if first.bytes.is_empty() || looked >= LOOKS_MAX {
        return None;
    }
    let (protocol, sound) = first_of(known, first)?;
    Some((protocol, Some(sound)))
}

/// The first protocol that knows these words; one that usually listens on a port of theirs is asked first.
fn first_of(known: &[(Protocol, Recognise)], first: First<'_>) -> Option<(Protocol, Sound)> {
    let (sender, receiver) = first.ports;
    let is_at_home =
        |it: Protocol| it.facts().ports.iter().any(|port| *port == sender || *port == receiver);
    [true, false].into_iter().find_map(|is_on_port| {
        let mut those = known.iter().filter(|(it, _)| is_at_home(*it) == is_on_port);
        those.find_map(|(it, recognise)| Some((*it, recognise(&First { is_on_port, ..first })?)))
    })
}
