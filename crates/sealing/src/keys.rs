//! The keys of one subject: generations of data keys, one of which seals, while all of them open.

use crate::data_key::DataKey;
use crate::value::{self, Fault, Place};
use stdx::Random;
use store::StoreError;

/// See the module.
#[derive(Debug)]
pub enum Keys {
    /// The key that wraps them cannot be used, and why: every read and write of the subject's values fails with that.
    Locked(String),
    /// They are here.
    Unlocked {
        /// By number.
        generations: Vec<(u32, DataKey)>,
        /// Which one seals; `None`: values are written as they are.
        current: Option<u32>,
        /// Whether values that are not sealed are taken. Where all are sealed, one that is not was put there by
        /// somebody else.
        takes_open: bool,
    },
}

impl Keys {
    /// Refuses where the keys are locked.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self {
            Keys::Locked(why) => Err(StoreError::Locked(why.clone())),
            Keys::Unlocked { .. } => Ok(()),
        }
    }

    /// The value as it is written; `None`: as it is.
    pub(crate) fn seal(
        &self,
        place: Place<'_>,
        value: &[u8],
        random: &Random,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.check()?;
        let Keys::Unlocked { current: Some(current), .. } = self else { return Ok(None) };
        let key = self.generation(*current).ok_or_else(|| Fault::Lost(*current).of(place))?;
        Ok(Some(value::seal(key, *current, place, value, random)))
    }

    /// The value as it was before it was sealed.
    pub(crate) fn open<'v>(&self, place: Place<'_>, stored: &'v [u8]) -> Result<Opened<'v>, StoreError> {
        self.check()?;
        let Some(sealed) = value::Sealed::read(stored).map_err(|fault| fault.of(place))? else {
            return match self {
                Keys::Unlocked { takes_open: false, .. } => Err(Fault::Open.of(place)),
                _ => Ok(Opened::AsItWas(stored)),
            };
        };
        let key =
            self.generation(sealed.generation).ok_or_else(|| self.missing(sealed.generation).of(place))?;
        let opened = sealed.open(key, place).ok_or_else(|| Fault::Changed.of(place))?;
        Ok(Opened::Opened(opened))
    }

    /// Whether the key that has sealed a value is here, or none has.
    pub(crate) fn have_generation_of(&self, stored: &[u8]) -> bool {
        match value::Sealed::read(stored) {
            Ok(Some(sealed)) => self.generation(sealed.generation).is_some(),
            _ => true,
        }
    }

    fn generation(&self, number: u32) -> Option<&DataKey> {
        let Keys::Unlocked { generations, .. } = self else { return None };
        generations.iter().find(|(known, _)| *known == number).map(|(_, key)| key)
    }

    /// Another server may have begun a generation that this one is about to hear of.
    fn missing(&self, number: u32) -> Fault {
        let Keys::Unlocked { generations, .. } = self else { return Fault::Lost(number) };
        match generations.iter().all(|(known, _)| *known < number) {
            true => Fault::Newer(number),
            false => Fault::Lost(number),
        }
    }
}

/// A value that is not sealed, or not any more.
pub(crate) enum Opened<'v> {
    AsItWas(&'v [u8]),
    Opened(Vec<u8>),
}

impl Opened<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Opened::AsItWas(bytes) => bytes,
            Opened::Opened(bytes) => bytes,
        }
    }
}
