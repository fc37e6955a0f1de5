//! Diagnostics of values that are read: faults, in the order DynamoDB reports them, and depth.

use super::ValueFault;
use types::{NumberError, Type};

/// What decoding found in a value.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    pub(super) fault: Option<Box<ValueFault>>,
    pub(super) nesting_levels: usize,
    pub(super) has_empty_name: bool,
    pub(super) has_false_null: bool,
    pub(super) is_for_older_layer: bool,
    pub(super) number_spellings: u64,
}

impl Diagnostics {
    /// Keeps the fault if it is the first one.
    pub(super) fn report(&mut self, fault: ValueFault) {
        self.has_false_null |= fault == ValueFault::NullIsFalse;
        self.fault.get_or_insert_with(|| Box::new(fault));
    }

    /// Notes how a number is written unless it is a plain whole number.
    #[inline]
    pub(super) fn spelled(&mut self, number: &str) {
        if !is_plain(number) {
            self.number_spellings = self.number_spellings.wrapping_add(digest(number));
        }
    }

    pub(super) fn reached(&mut self, level: usize) {
        self.nesting_levels = self.nesting_levels.max(level);
    }
}

/// Digits without a leading zero, behind at most a minus: such texts are equal only where the numbers are.
fn is_plain(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number).as_bytes();
    digits.iter().all(u8::is_ascii_digit) && (digits.first() != Some(&b'0') || number == "0")
}

/// FNV-1a.
fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The members of one value: which are present, and the fault that is reported before its siblings'.
#[derive(Debug, Default)]
pub(super) struct Members {
    seen: u16,
    first: Option<ValueFault>,
}

impl Members {
    /// Whether the value has no member that is known and present.
    pub(super) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Whether the value has more than one member.
    pub(super) fn are_several(&self) -> bool {
        self.seen.count_ones() > 1
    }

    pub(super) fn add(&mut self, kind: Type, fault: Option<ValueFault>) {
        self.seen |= 1 << kind as u16;
        let Some(fault) = fault else { return };
        if self.first.as_ref().is_none_or(|first| rank(&fault) < rank(first)) {
            self.first = Some(fault);
        }
    }

    /// What is wrong with the value as a whole.
    pub(super) fn fault(self) -> Option<ValueFault> {
        match self.seen.count_ones() {
            0 => Some(ValueFault::Empty),
            1 => self.first,
            _ => Some(
                self.first
                    .filter(|first| rank(first) < RANK_OF_SEVERAL)
                    .unwrap_or(ValueFault::MoreThanOneType),
            ),
        }
    }
}

/// That a value has several members is reported after what makes one of them unreadable, and before
/// duplicates, which are looked for in a value that has been read.
const RANK_OF_SEVERAL: u8 = 3;

/// The order in which faults of one value with several members are reported: empty sets, unreadable
/// numbers, a NULL that is false, several members, duplicates.
fn rank(fault: &ValueFault) -> u8 {
    match fault {
        ValueFault::EmptyStringSet | ValueFault::EmptyNumberSet | ValueFault::EmptyBinarySet => 0,
        ValueFault::NotANumber(_)
        | ValueFault::NumberOverflow
        | ValueFault::NumberUnderflow
        | ValueFault::NumberTooLong => 1,
        ValueFault::NullIsFalse => 2,
        _ => RANK_OF_SEVERAL,
    }
}

/// What a text that is no number of DynamoDB's is reported as.
pub(super) fn number_fault(error: NumberError, text: &str) -> ValueFault {
    match error {
        NumberError::Malformed => ValueFault::NotANumber(text.to_owned()),
        NumberError::Overflow => ValueFault::NumberOverflow,
        NumberError::Underflow => ValueFault::NumberUnderflow,
        NumberError::TooManyDigits => ValueFault::NumberTooLong,
    }
}
