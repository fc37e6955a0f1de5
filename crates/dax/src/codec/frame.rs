//! Requests on the stream: a service, a method, and as many values as the method has arguments. The number of values
//! is all that tells where a request ends, so behind an unknown method nothing can be understood.

use super::reader::{Fault, Reader};
use super::scanner::Scanner;

/// The most bytes of a request.
pub const FRAME_BYTES_MAX: usize = 20 * 1024 * 1024;
const SERVICE: i64 = 1;

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum Method {
    AuthorizeConnection,
    Endpoints,
    DefineKeySchema,
    DefineAttributeListId,
    DefineAttributeList,
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    TransactGetItems,
    TransactWriteItems,
}

impl Method {
    /// Each with its id and the number of its arguments.
    pub const ALL: [(Method, i64, u64); 15] = [
        (Method::AuthorizeConnection, 1_489_122_155, 5),
        (Method::Endpoints, 455_855_874, 0),
        (Method::DefineKeySchema, -742_646_399, 1),
        (Method::DefineAttributeListId, -1_230_579_644, 1),
        (Method::DefineAttributeList, 670_678_385, 1),
        (Method::GetItem, 263_244_906, 3),
        (Method::PutItem, -2_106_490_455, 4),
        (Method::UpdateItem, 1_425_579_023, 3),
        (Method::DeleteItem, 1_013_539_361, 3),
        (Method::Query, -931_250_863, 3),
        (Method::Scan, -1_875_390_620, 2),
        (Method::BatchGetItem, -697_851_100, 2),
        (Method::BatchWriteItem, 116_217_951, 2),
        (Method::TransactGetItems, 1_866_287_579, 4),
        (Method::TransactWriteItems, -1_160_037_738, 9),
    ];

    /// As CloudTrail would name it.
    pub fn name(self) -> &'static str {
        match self {
            Method::AuthorizeConnection => "AuthorizeConnection",
            Method::Endpoints => "Endpoints",
            Method::DefineKeySchema => "DefineKeySchema",
            Method::DefineAttributeListId => "DefineAttributeListId",
            Method::DefineAttributeList => "DefineAttributeList",
            Method::GetItem => "GetItem",
            Method::PutItem => "PutItem",
            Method::UpdateItem => "UpdateItem",
            Method::DeleteItem => "DeleteItem",
            Method::Query => "Query",
            Method::Scan => "Scan",
            Method::BatchGetItem => "BatchGetItem",
            Method::BatchWriteItem => "BatchWriteItem",
            Method::TransactGetItems => "TransactGetItems",
            Method::TransactWriteItems => "TransactWriteItems",
        }
    }

    fn by_id(id: i64) -> Option<(Method, u64)> {
        let found = Method::ALL.iter().find(|(_, known, _)| *known == id);
        found.map(|(method, _, arguments)| (*method, *arguments))
    }
}

/// A request that is there as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its method.
    pub method: Method,
    /// Where its arguments begin.
    arguments: u32,
    /// Its length.
    pub len: usize,
}

impl Frame {
    /// A reader of the arguments of this frame, which `bytes` begin with.
    pub fn arguments<'b>(&self, bytes: &'b [u8]) -> Reader<'b> {
        Reader::new(&bytes[self.arguments as usize..self.len])
    }
}

/// Why no request can be read any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The bytes are no request.
    Bytes(Fault),
    /// A method that is not known, or of a service that is not.
    Method,
}

/// Finds requests in a growing buffer, looking at each byte once.
#[derive(Debug, Default)]
pub struct Framer {
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    method: Method,
    arguments: usize,
    scanner: Scanner,
}

impl Framer {
    /// The request that `bytes` begin with; `None` if it is not there as a whole. After `None`, `bytes` must begin with
    /// the same when asked again.
    ///
    /// # Errors
    /// When the bytes are no request.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Option<Frame>, Broken> {
        if let Some(begun) = &mut self.begun {
            let frame = begun.advance(bytes)?;
            if frame.is_some() {
                self.begun = None;
            }
            return Ok(frame);
        }
        let Some(mut begun) = begin(bytes)? else { return Ok(None) };
        let frame = begun.advance(bytes)?;
        if frame.is_none() {
            self.begun = Some(begun);
        }
        Ok(frame)
    }

    /// How many bytes the request has at least, as far as is known.
    pub fn wants(&self, bytes: &[u8]) -> usize {
        self.begun.as_ref().map_or(1, |begun| begun.wants(bytes) as usize)
    }
}

impl Begun {
    /// The request, if it is there as a whole.
    fn advance(&mut self, bytes: &[u8]) -> Result<Option<Frame>, Broken> {
        let is_whole = self.scanner.advance(&bytes[self.arguments..], |_| ()).map_err(Broken::Bytes)?;
        if !is_whole {
            let fits = self.wants(bytes) <= FRAME_BYTES_MAX as u64;
            return if fits { Ok(None) } else { Err(Broken::Bytes(Fault::TooLarge)) };
        }
        let len = self.arguments + self.scanner.at();
        Ok(Some(Frame { method: self.method, arguments: self.arguments as u32, len }))
    }

    fn wants(&self, bytes: &[u8]) -> u64 {
        (self.arguments as u64).saturating_add(self.scanner.wants(&bytes[self.arguments..]))
    }
}

fn begin(bytes: &[u8]) -> Result<Option<Begun>, Broken> {
    let mut reader = Reader::new(bytes);
    let (service, id) = match reader.int().and_then(|service| Ok((service, reader.int()?))) {
        Ok(head) => head,
        Err(Fault::CutOff) => return Ok(None),
        Err(fault) => return Err(Broken::Bytes(fault)),
    };
    let known = Method::by_id(id).filter(|_| service == SERVICE);
    let (method, count) = known.ok_or(Broken::Method)?;
    let arguments = bytes.len() - reader.rest().len();
    Ok(Some(Begun { method, arguments, scanner: Scanner::of_values(count) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: [u8; 15] =
        [1, 0x1a, 0x0f, 0xb0, 0xcc, 0x6a, 0x44, b'T', b'a', b'b', b'S', 0x41, b'a', 0xbf, 0xff];

    #[test]
    fn a_request_is_found_in_any_pieces() {
        for cut in 0..GET.len() {
            let mut framer = Framer::default();
            assert_eq!(framer.next(&GET[..cut]), Ok(None));
            assert!(framer.wants(&GET[..cut]) <= GET.len());
            let two = [GET, GET].concat();
            let frame = framer.next(&two).unwrap().unwrap();
            assert_eq!((frame.method, frame.len), (Method::GetItem, GET.len()));
            let mut arguments = frame.arguments(&two);
            assert_eq!((arguments.bytes(), arguments.bytes()), (Ok(&b"TabS"[..]), Ok(&b"a"[..])));
            assert!(framer.next(&two[frame.len..]).unwrap().is_some());
        }
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        let next = |bytes: &[u8]| Framer::default().next(bytes).map(|_| ());
        assert_eq!(next(&[1, 0]), Err(Broken::Method));
        assert_eq!(next(&[2, 0x1a, 0x0f, 0xb0, 0xcc, 0x6a]), Err(Broken::Method));
        assert_eq!(next(b"aGET"), Err(Broken::Bytes(Fault::OtherType)));
        let too_large = [&GET[..6], &[0x5a, 0x7f, 0, 0, 0]].concat();
        assert_eq!(next(&too_large), Err(Broken::Bytes(Fault::TooLarge)));
    }
}
