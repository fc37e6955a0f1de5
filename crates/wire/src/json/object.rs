//! Writing an object member by member; absent members are omitted.

use super::Encode;

/// An object that is being written.
#[derive(Debug)]
pub struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> ObjectWriter<'a> {
    /// Writes the opening bracket.
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        ObjectWriter { out, is_empty: true }
    }

    /// Writes a member, if it has a value. The name needs no escaping.
    pub fn member<T: Encode>(&mut self, name: &str, value: &Option<T>) -> &mut Self {
        let Some(value) = value else { return self };
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.encode(self.out);
        self
    }

    /// Writes a time in seconds, if it has a value: whole seconds as an integer.
    pub fn time(&mut self, name: &str, seconds: &Option<f64>) -> &mut Self {
        match seconds {
            Some(seconds) if seconds.fract() == 0.0 => self.member(name, &Some(*seconds as i64)),
            seconds => self.member(name, seconds),
        }
    }

    /// Writes the closing bracket.
    pub fn end(&mut self) {
        self.out.push(b'}');
    }
}
