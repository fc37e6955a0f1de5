//! Why a request is throttled.

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The capacity that was ordered.
    ProvisionedThroughput,
    /// The quota of the account.
    AccountLimit,
    /// What a range of keys can serve, or what an on-demand table has grown to.
    KeyRangeThroughput,
    /// The maximum that was set in on-demand mode.
    MaxOnDemandThroughput,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 4] = [
        Reason::ProvisionedThroughput,
        Reason::AccountLimit,
        Reason::KeyRangeThroughput,
        Reason::MaxOnDemandThroughput,
    ];

    /// The end of its name in ThrottlingReasons.
    pub fn name(self) -> &'static str {
        match self {
            Reason::ProvisionedThroughput => "ProvisionedThroughputExceeded",
            Reason::AccountLimit => "AccountLimitExceeded",
            Reason::KeyRangeThroughput => "KeyRangeThroughputExceeded",
            Reason::MaxOnDemandThroughput => "MaxOnDemandThroughputExceeded",
        }
    }
}

/// The limits that are reached at one table or index; none for a request that is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reasons(u8);

impl Reasons {
    /// Whether the request is admitted.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same with another reason if the limit is reached.
    pub fn with(self, reason: Reason, is_reached: bool) -> Reasons {
        Reasons(self.0 | u8::from(is_reached) << reason as u8)
    }

    /// The reasons, in the order of [`Reason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |reason| self.0 & 1 << *reason as u8 != 0)
    }
}
