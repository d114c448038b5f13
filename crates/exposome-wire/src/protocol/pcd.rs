//! IHE PCD (Device Enterprise Communication): HL7 messages of devices, in SOAP.
//!
//! Over MLLP they are read by [`super::hl7`]; here the message is taken out of
//! its envelope and given to the same allow-list.

use crate::notes::Notes;
use crate::protocol::hl7;
use crate::xml::{Further, Met, walk};

pub(crate) fn read(document: &[u8], notes: &mut Notes<'_>) {
    walk(document, |met| match met {
        Met::Text { name: b"CommunicatePCDData", text, .. } => {
            hl7::message(&text.plain(), notes);
            Further::Enough
        }
        _ => Further::On,
    });
}
