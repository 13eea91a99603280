//! A stand-in for somebody's user API: in memory, over a real socket, with the habits of the API that it is named after. The
//! mappings of the same names are tried on them.
//!
//! ```text
//! cargo run --example stand-in -- zendesk --listen 127.0.0.1:3000
//! ```

use std::net::SocketAddr;
use std::process::ExitCode;

#[path = "mod.rs"]
mod stand_ins;

use stand_ins::{named, server};

const USAGE: &str = "usage: stand-in crm|helpdesk|redmine|rocketchat|zabbix|zendesk [--listen 127.0.0.1:0]";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own that says where it listens")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [name] => named(name).zip(Some("127.0.0.1:0")),
        [name, "--listen", address] => named(name).zip(Some(*address)),
        _ => None,
    };
    let Some((api, Ok(address))) = asked.map(|(api, address)| (api, address.parse::<SocketAddr>())) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let served = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let listening = server::listen(address, api).await?;
            println!("{}", listening.url);
            listening.serve().await;
            Ok(())
        })
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{address} cannot be listened on: {error}");
            ExitCode::FAILURE
        }
    }
}
