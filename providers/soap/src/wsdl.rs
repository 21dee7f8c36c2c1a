//! `GET …?wsdl` and `?xsd=N`: the interface's description, with the address that the caller used.

use http::header::{ALLOW, HOST};
use http::{HeaderValue, StatusCode};
use rmix_wsdl::{Documents, Options};

use crate::addressing::Addressing;
use crate::http::{Body, Request, Response};
use crate::service::Service;

/// The answer to a GET.
pub(crate) fn answer(service: &Service, request: &Request) -> Response {
    let query = request.head.uri.query().unwrap_or_default();
    let wanted = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    for (name, value) in wanted {
        if name.eq_ignore_ascii_case("wsdl") {
            return document(service, request, None);
        }
        if name.eq_ignore_ascii_case("xsd") {
            return match value.parse() {
                Ok(number) => document(service, request, Some(number)),
                Err(_) => Response::text(StatusCode::NOT_FOUND, "a schema's number follows ?xsd="),
            };
        }
    }
    let sentence = "a SOAP service: POST envelopes to it; its description is at ?wsdl";
    Response::text(StatusCode::METHOD_NOT_ALLOWED, sentence)
        .with(ALLOW, HeaderValue::from_static("POST"))
}

/// The description, or the schema of this number.
fn document(service: &Service, request: &Request, schema: Option<usize>) -> Response {
    let documents = match documents(service, request) {
        Ok(documents) => documents,
        Err(why) => {
            return Response::text(StatusCode::INTERNAL_SERVER_ERROR, why.to_string());
        }
    };
    let text = match schema {
        None => Some(documents.wsdl),
        Some(number) => documents.schemas.into_iter().nth(number),
    };
    match text {
        None => Response::text(StatusCode::NOT_FOUND, "there is no schema of this number"),
        Some(text) => Response {
            content_type: Some(HeaderValue::from_static("text/xml; charset=utf-8")),
            body: Body::from(text.into_bytes()),
            ..Response::new(StatusCode::OK)
        },
    }
}

fn documents(service: &Service, request: &Request) -> Result<Documents, rmix_wsdl::Error> {
    let address = address(service, request);
    let location = |number: usize| format!("{address}?xsd={number}");
    let mut options = Options::new().soap_1_1(&address).soap_1_2(&address);
    if service.separate_schemas {
        options = options.separate_schemas(&location);
    }
    if service.addressing != Addressing::Off {
        options = options.addressing();
    }
    rmix_wsdl::wsdl(service.interface.desc(), &options)
}

/// Where the caller has found the service.
fn address(service: &Service, request: &Request) -> String {
    let scheme = if request.peer.secure { "https" } else { "http" };
    let host = request.head.headers.get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let host = match (host, request.peer.asked) {
        (Some(host), _) => host.to_owned(),
        (None, Some(asked)) => asked.to_string(),
        (None, None) => "localhost".to_owned(),
    };
    format!("{scheme}://{host}{}", service.path)
}
