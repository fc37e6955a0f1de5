//! Why a peer's call is refused before it is looked at.

use crate::VERSION;

/// A refusal: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not in the form of a call.
    #[error("this is no call of a peer")]
    NoCall,
    /// It is in another version of the protocol. Both servers tell this sentence, so it names them by what they do.
    #[error(
        "the calling server speaks version {theirs} of the protocol between peers and the called one version {VERSION}; \
         upgrade the {} one",
        older(*theirs)
    )]
    OtherVersion {
        /// The version that was named.
        theirs: u32,
    },
    /// No peer has the key that it is signed with.
    #[error("it holds another key than this server has for any of its peers")]
    OtherKey,
    /// The clocks are too far apart, or the call was too long on its way.
    #[error("its clock is {seconds} seconds from the one here, or the call was so long on its way")]
    OtherTime {
        /// How far.
        seconds: u64,
    },
    /// The caller says that it hosts a region that this server or another peer hosts.
    #[error("it claims {region}, which {host} hosts")]
    Claimed {
        /// The region.
        region: String,
        /// Who hosts it as far as is known here.
        host: String,
    },
    /// The caller hosts other regions than it should.
    #[error("it hosts {theirs}, and this server knows no peer that hosts just that")]
    OtherRegions {
        /// What it hosts.
        theirs: String,
    },
}

fn older(theirs: u32) -> &'static str {
    if theirs < VERSION { "calling" } else { "called" }
}

impl Refusal {
    /// The code.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NoCall => "NoCall",
            Refusal::OtherVersion { .. } => "OtherVersion",
            Refusal::OtherKey => "OtherKey",
            Refusal::OtherTime { .. } => "OtherTime",
            Refusal::Claimed { .. } => "ClaimedRegion",
            Refusal::OtherRegions { .. } => "OtherRegions",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::NoCall => 400,
            Refusal::OtherVersion { .. } => 426,
            Refusal::OtherKey => 401,
            Refusal::OtherTime { .. } | Refusal::Claimed { .. } | Refusal::OtherRegions { .. } => 403,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_side_of_two_versions_is_named() {
        let text = |theirs| Refusal::OtherVersion { theirs }.to_string();
        let both = |theirs| {
            format!(
                "the calling server speaks version {theirs} of the protocol between peers and the called one version \
                 {VERSION}; "
            )
        };
        assert_eq!(text(VERSION + 1), both(VERSION + 1) + "upgrade the called one");
        assert_eq!(text(VERSION - 1), both(VERSION - 1) + "upgrade the calling one");
    }
}
