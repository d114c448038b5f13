//! Who talks to whom: one row for all connections of a client to one port of a server.

use crate::protocols::{Protocol, Protocols};
use crate::station::{AddressId, Stations};
use exposome_model::sighting::{Flow, Transport, Volume};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

#[derive(Debug)]
pub(crate) struct Flows {
    hash: FixedState,
    max: usize,
    rows: Vec<Row>,
    by_key: HashTable<u32>,
    /// Connections that found no room.
    pub(crate) not_kept: u64,
}

/// What a flow is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) client: AddressId,
    pub(crate) server: AddressId,
    pub(crate) port: u16,
    pub(crate) transport: Transport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowId(u32);

#[derive(Debug)]
struct Row {
    key: Key,
    protocols: Protocols,
    /// Those that the server has spoken.
    served: Protocols,
    first_ns: i64,
    last_ns: i64,
    connections: u32,
    asked: Counted,
    answered: Counted,
}

/// Packets and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

impl Counted {
    pub(crate) fn add(&mut self, bytes: u32) {
        self.packets += 1;
        self.bytes += u64::from(bytes);
    }

    fn volume(self) -> Volume {
        Volume { packets: self.packets, bytes: self.bytes }
    }
}

impl Flows {
    pub(crate) fn new(max: usize, seed: u64) -> Flows {
        Flows {
            hash: FixedState::with_seed(seed),
            max,
            rows: Vec::new(),
            by_key: HashTable::new(),
            not_kept: 0,
        }
    }

    /// A connection begins: its row.
    pub(crate) fn opened(&mut self, at_ns: i64, key: Key) -> Option<FlowId> {
        let hash = self.hash.hash_one(key);
        let same = |at: &u32| self.rows.get(*at as usize).is_some_and(|it| it.key == key);
        let id = if let Some(&at) = self.by_key.find(hash, same) {
            FlowId(at)
        } else if self.rows.len() >= self.max {
            self.not_kept += 1;
            return None;
        } else {
            let at = u32::try_from(self.rows.len()).ok()?;
            self.rows.push(Row {
                key,
                protocols: Protocols::default(),
                served: Protocols::default(),
                first_ns: at_ns,
                last_ns: at_ns,
                connections: 0,
                asked: Counted::default(),
                answered: Counted::default(),
            });
            let Flows { hash: hasher, rows, by_key, .. } = self;
            let again = |at: &u32| rows.get(*at as usize).map_or(0, |it| hasher.hash_one(it.key));
            by_key.insert_unique(hash, at, again);
            FlowId(at)
        };
        if let Some(row) = self.rows.get_mut(id.0 as usize) {
            row.connections += 1;
        }
        Some(id)
    }

    pub(crate) fn count(&mut self, id: FlowId, at_ns: i64, is_answer: bool, bytes: u32) {
        let Some(row) = self.rows.get_mut(id.0 as usize) else { return };
        row.first_ns = row.first_ns.min(at_ns);
        row.last_ns = row.last_ns.max(at_ns);
        if is_answer { row.answered.add(bytes) } else { row.asked.add(bytes) }
    }

    /// What was counted before it was known who asks whom.
    pub(crate) fn count_earlier(
        &mut self,
        id: FlowId,
        (first_ns, last_ns): (i64, i64),
        asked: Counted,
        answered: Counted,
    ) {
        let Some(row) = self.rows.get_mut(id.0 as usize) else { return };
        row.first_ns = row.first_ns.min(first_ns);
        row.last_ns = row.last_ns.max(last_ns);
        row.asked.packets += asked.packets;
        row.asked.bytes += asked.bytes;
        row.answered.packets += answered.packets;
        row.answered.bytes += answered.bytes;
    }

    /// A protocol was spoken; whether it is new on this flow, and whether it is new that it is served.
    pub(crate) fn speaks(&mut self, id: FlowId, protocol: Protocol, served: bool) -> (bool, bool) {
        let Some(row) = self.rows.get_mut(id.0 as usize) else { return (false, false) };
        (row.protocols.insert(protocol), served && row.served.insert(protocol))
    }

    pub(crate) fn key(&self, id: FlowId) -> Option<Key> {
        self.rows.get(id.0 as usize).map(|row| row.key)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All rows, ordered by client, server, transport and port.
    pub(crate) fn all(&self, stations: &Stations) -> Vec<Flow> {
        let mut flows: Vec<Flow> = self
            .rows
            .iter()
            .filter_map(|row| {
                let mut protocols: Vec<String> =
                    row.protocols.iter().map(|it| it.name().to_owned()).collect();
                protocols.sort();
                Some(Flow {
                    client: stations.last_at(row.key.client)?,
                    server: stations.last_at(row.key.server)?,
                    transport: row.key.transport,
                    port: row.key.port,
                    protocols,
                    first_seen: crate::moment(row.first_ns),
                    last_seen: crate::moment(row.last_ns),
                    connections: row.connections.into(),
                    asked: row.asked.volume(),
                    answered: row.answered.volume(),
                })
            })
            .collect();
        flows.sort_by_key(|it| (it.client, it.server, it.transport, it.port));
        flows
    }
}
