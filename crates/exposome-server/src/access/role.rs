//! What a person answers for: one list, with the words for each.

use exposome_model::event;
use serde::{Deserialize, Serialize};

/// The roles of the house.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Analyst,
    Biomed,
    ItOperations,
    Clinician,
    Compliance,
    Auditor,
    Administrator,
    Reporter,
}

impl Role {
    /// In the order of the columns of the permission table.
    pub const ALL: [Role; 8] = [
        Role::Analyst,
        Role::Biomed,
        Role::ItOperations,
        Role::Clinician,
        Role::Compliance,
        Role::Auditor,
        Role::Administrator,
        Role::Reporter,
    ];

    /// In the store, in settings and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Role::Analyst => "analyst",
            Role::Biomed => "biomed",
            Role::ItOperations => "it_operations",
            Role::Clinician => "clinician",
            Role::Compliance => "compliance",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
            Role::Reporter => "reporter",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Role::Analyst => "security analyst",
            Role::Biomed => "clinical engineer",
            Role::ItOperations => "IT operations",
            Role::Clinician => "clinician who approves",
            Role::Compliance => "compliance officer",
            Role::Auditor => "auditor, who reads and changes nothing",
            Role::Administrator => "administrator of accounts and settings",
            Role::Reporter => "ward staff who report a problem",
        }
    }

    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What this role is at the one door for decisions; nothing where it decides nothing.  An administrator gives
    /// others their roles and approves nothing; an auditor changes nothing at all.
    pub fn decides_as(self) -> Option<event::Role> {
        match self {
            Role::Analyst => Some(event::Role::Analyst),
            Role::Biomed => Some(event::Role::ClinicalEngineer),
            Role::ItOperations => Some(event::Role::ItOperations),
            Role::Clinician => Some(event::Role::Clinician),
            Role::Compliance => Some(event::Role::Compliance),
            Role::Auditor | Role::Administrator | Role::Reporter => None,
        }
    }
}
