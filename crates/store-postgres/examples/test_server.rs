//! A PostgreSQL for a chore: `test_server FOLDER SETTING…` starts one below the folder, prints how it is reached and
//! where its programs are, a line each, and ends it when its own input ends.

use std::io;
use std::path::Path;
use store_postgres::test_server::{ADVICE, TestServer, programs};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((folder, settings)) = arguments.split_first() else {
        return Err(io::Error::other("which folder?"));
    };
    let programs = programs().ok_or_else(|| io::Error::other(ADVICE))?;
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = TestServer::under(Path::new(folder), &programs, &settings)?;
    println!("{}\n{}", server.url(), programs.display());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
