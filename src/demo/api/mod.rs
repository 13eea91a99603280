//! A small user-management API with a shape of its own, in memory, over a real socket.
//!
//! It stands for the API that an ISV already has: it knows nothing of SCIM. `scim-bridge demo` serves it, the tests
//! drive it, and `mappings/demo/mapping.toml` describes it to the bridge. Everything below is under `/api`; every call
//! but the key-less ones needs the header `X-Staff-Key`.
//!
//! | call | does | answers |
//! | --- | --- | --- |
//! | `GET /people?page=0&size=20` | lists people by number; `login=`, `mail=` (both in any case), `hr_ref=` narrow | `{"rows": [person…], "page", "size", "count"}`, `size` at most 100 |
//! | `GET /people/{no}` | reads one | `{"person": {…}}` |
//! | `POST /people` | makes one from form fields; `login` is required, the state is `A` | 201 `{"person": {…}}` |
//! | `POST /people/{no}` | changes the form's fields; an empty field clears | `{"person": {…}}` |
//! | `POST /people/{no}/disable`, `/enable` | sets the state `D`, `A` | 204 |
//! | `PUT /people/{no}/password` | sets the password, JSON `{"new_password"}` | 204 |
//! | `DELETE /people/{no}` | removes one, from the teams too | 204 |
//! | `POST /door` | tries form fields `login` and `password` | 204, or 403 |
//! | `GET /teams?page=0&size=20` | lists teams by number; `name=` (in any case) narrows | `{"rows": [team…], …}` |
//! | `GET /teams/{no}` | reads one, without its people | `{"team": {…}}` |
//! | `POST /teams`, `POST /teams/{no}` | makes, changes one from form fields `name`, `ext_ref` | 201, 200 `{"team": {…}}` |
//! | `DELETE /teams/{no}` | removes one; its people stay | 204 |
//! | `GET /teams/{no}/people?page=0&size=20` | lists the people of a team | `{"rows": [{"no", "login", "shown_name"}…], …}` |
//! | `PUT`, `DELETE /teams/{no}/people/{no}` | adds a person (again is fine), takes one out (404 for a stranger) | 204 |
//!
//! A person: `no`, `login`, `given_name`, `family_name`, `shown_name`, `job`, `mail`, `mail2`, `phone_office`,
//! `phone_mobile`, `lang` (`de_DE`), `time_zone`, `dept`, `cost_centre`, `staff_no`, `boss` (a person's number),
//! `hr_ref`, `state` (`A` active, `D` disabled, `L` locked), `teams` (`[{"no", "name"}]`), `created` and `changed`
//! (`2024-03-18 07:45:12`, UTC), `revision`. What has no value is null. People and teams are numbered in one row, so
//! that no number stands for two things. Logins and team names are unique in any case.
//!
//! Refusals: `{"fault": {"code": "TAKEN", "field": "login", "text": "The login `ada` is taken."}}`.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use directory::Directory;
use route::{Answer, Request};

mod directory;
mod fault;
mod person;
mod route;
mod seed;

/// The value of `X-Staff-Key` that the API takes. It guards nothing: the API holds made-up people only.
pub const KEY: &str = "demo-staff-key";

/// Bytes of a request body that the API reads at most.
const MAX_BODY: usize = 1 << 20;

/// What the API holds when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// 200 people and 12 teams, the same at every start.
    Company,
    /// Nobody.
    Empty,
}

/// The API on its own listener; it serves from [`Api::run`] on.
pub struct Api {
    listener: TcpListener,
    address: SocketAddr,
    directory: Arc<Mutex<Directory>>,
}

impl Api {
    /// Listens on `address` (port 0 takes a free one) and fills the directory.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(address: SocketAddr, seed: Seed) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let directory = match seed {
            Seed::Company => seed::company(),
            Seed::Empty => Directory::default(),
        };
        Ok(Self { listener, address, directory: Arc::new(Mutex::new(directory)) })
    }

    /// The address it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, as a mapping's `url`.
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Serves until `shutdown` is done, then lets open requests end.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => serve(stream, Arc::clone(&self.directory), &graceful),
                    // A connection that died before it was taken; a lack of descriptors passes as others close.
                    Err(_) => tokio::task::yield_now().await,
                },
            }
        }
        drop(self.listener);
        graceful.shutdown().await;
    }
}

/// Serves one connection in a task of its own.
fn serve(stream: TcpStream, directory: Arc<Mutex<Directory>>, graceful: &GracefulShutdown) {
    // Small answers go out at once; a socket that refuses the option works all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let directory = Arc::clone(&directory);
        async move { Ok::<_, Infallible>(respond(request, &directory).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A broken connection is the client's affair: nothing of the directory depends on it.
    tokio::spawn(graceful.watch(connection));
}

/// One HTTP request to its response.
async fn respond(request: hyper::Request<Incoming>, directory: &Mutex<Directory>) -> hyper::Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let answer = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => {
            let request = Request::new(&parts, body.to_bytes());
            let mut directory = directory.lock().unwrap_or_else(PoisonError::into_inner);
            route::answer(&mut directory, &request)
        }
        Err(_) => Err(fault::Fault::Unreadable),
    };
    let (status, body) = match answer {
        Ok(Answer::Value(status, value)) => (status, Bytes::from(value.to_string())),
        Ok(Answer::Done) => (http::StatusCode::NO_CONTENT, Bytes::new()),
        Err(fault) => (fault.status(), Bytes::from(fault.to_json().to_string())),
    };
    let mut response = hyper::Response::new(Full::new(body));
    *response.status_mut() = status;
    if status != http::StatusCode::NO_CONTENT {
        let json = http::HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    }
    response
}

#[cfg(test)]
mod tests;
