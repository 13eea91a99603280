//! A SCIM request understood, and its typed reply.

use bytes::Bytes;
use http::HeaderValue;

pub use crate::scim::list::ListQuery;
use crate::scim::{Precondition, Projection};

/// One SCIM request.
#[derive(Clone, Debug)]
pub enum Operation {
    /// GET of a resource type.
    List {
        /// Index of the resource type.
        kind: usize,
        /// What is asked for.
        query: ListQuery,
    },
    /// A search over all resource types.
    Search {
        /// What is asked for.
        query: ListQuery,
    },
    /// GET of a resource.
    Get {
        /// Index of the resource type.
        kind: usize,
        /// The id, percent-decoded.
        id: String,
        /// The attributes wanted.
        projection: Projection,
        /// What it depends on.
        precondition: Option<Box<Precondition>>,
    },
    /// POST.
    Create {
        /// Index of the resource type.
        kind: usize,
        /// The body, unparsed.
        body: Bytes,
        /// The attributes wanted.
        projection: Projection,
    },
    /// PUT.
    Replace {
        /// Index of the resource type.
        kind: usize,
        /// The id, percent-decoded.
        id: String,
        /// The body, unparsed.
        body: Bytes,
        /// The attributes wanted.
        projection: Projection,
        /// What it depends on.
        precondition: Option<Box<Precondition>>,
    },
    /// PATCH.
    Patch {
        /// Index of the resource type.
        kind: usize,
        /// The id, percent-decoded.
        id: String,
        /// The body, unparsed.
        body: Bytes,
        /// The attributes wanted.
        projection: Projection,
        /// What it depends on.
        precondition: Option<Box<Precondition>>,
    },
    /// DELETE.
    Delete {
        /// Index of the resource type.
        kind: usize,
        /// The id, percent-decoded.
        id: String,
        /// What it depends on.
        precondition: Option<Box<Precondition>>,
    },
    /// Discovery documents.
    Discover(Discovery),
}

impl Operation {
    /// What it depends on.
    pub fn precondition(&self) -> Option<&Precondition> {
        match self {
            Self::Get { precondition, .. }
            | Self::Replace { precondition, .. }
            | Self::Patch { precondition, .. }
            | Self::Delete { precondition, .. } => precondition.as_deref(),
            Self::List { .. } | Self::Search { .. } | Self::Create { .. } | Self::Discover(_) => None,
        }
    }

    /// Whether it may change a resource.
    pub fn is_change(&self) -> bool {
        match self {
            Self::Create { .. } | Self::Replace { .. } | Self::Patch { .. } | Self::Delete { .. } => true,
            Self::List { .. } | Self::Search { .. } | Self::Get { .. } | Self::Discover(_) => false,
        }
    }
}

/// A discovery document (RFC 7644 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// `/ServiceProviderConfig`
    ServiceProviderConfig,
    /// `/ResourceTypes`
    ResourceTypes,
    /// `/ResourceTypes/{name}`
    ResourceType(String),
    /// `/Schemas`
    Schemas,
    /// `/Schemas/{urn}`
    Schema(String),
}

/// A typed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200, 201, 204, or 304.
    pub status: u16,
    /// The resource's URL, for 201.
    pub location: Option<String>,
    /// The version of the one resource that it is about, where it is known: an entity tag.
    pub version: Option<HeaderValue>,
    /// The JSON body; empty for 204 and 304.
    pub body: Bytes,
}
