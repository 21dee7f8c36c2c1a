//! A client that rpcgen wrote, answered by `rmix serve`: over TCP, without rpcbind.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::installed::Installed;

const STORE: &str = "
enum status { OK, GONE = -1 };
struct item { string name<16>; opaque data<8>; hyper size; item *next; };
union answer switch (status s) { case OK: item *items; default: void; };
program STORE { version STORE_1 {
    answer STORE_LIST(string) = 1;
    int STORE_ADD(int, int) = 2;
} = 1; } = 0x20000001;
";

/// Prints a sum, and what two keys give.
const CLIENT: &str = r#"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include "store.h"

static void list(CLIENT *client, char *key)
{
    answer *found = store_list_1(key, client);
    if (!found) { clnt_perror(client, key); exit(1); }
    printf("%s %d", key, found->s);
    if (found->s == OK)
        for (item *i = found->answer_u.items; i; i = i->next)
            printf(" %s %u %d %lld", i->name, i->data.data_len, (unsigned char)i->data.data_val[1], (long long)i->size);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
    int socket = RPC_ANYSOCK, *sum;
    CLIENT *client;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    client = clnttcp_create(&address, STORE, STORE_1, &socket, 0, 0);
    if (!client) { clnt_pcreateerror("store"); return 1; }
    sum = store_add_1(-2, 3, client);
    if (!sum) { clnt_perror(client, "add"); return 1; }
    printf("sum %d\n", *sum);
    list(client, "a");
    list(client, "b");
    clnt_destroy(client);
    return 0;
}
"#;

/// Builds the client in a folder.
fn build(folder: &Path) {
    fs::write(folder.join("store.x"), STORE).unwrap();
    fs::write(folder.join("client.c"), CLIENT).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .output();
        let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
    };
    for (option, file) in [
        ("-h", "store.h"),
        ("-c", "store_xdr.c"),
        ("-l", "store_clnt.c"),
    ] {
        run("rpcgen", &["-C", "-N", option, "-o", file, "store.x"]);
    }
    let sources = ["client.c", "store_xdr.c", "store_clnt.c"];
    let flags = ["-w", "-I/usr/include/tirpc", "-o", "client", "-ltirpc"];
    run("gcc", &[&sources[..], &flags[..]].concat());
}

#[test]
fn a_client_in_c_is_answered_by_the_script() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let items = json!([
        {"name": "x", "data": "00ff", "size": "9007199254740993"},
        {"name": "y", "data": "0102", "size": -1},
    ]);
    let script = json!({
        "STORE_LIST": [{"expect": ["a"], "result": {"s": "OK", "items": items}}, {"result": {"s": "GONE"}}],
        "STORE_ADD": [{"expect": [-2, 3], "result": 1}],
    });
    let script_file = folder.path().join("store.json");
    fs::write(&script_file, script.to_string()).unwrap();
    let idl = folder.path().join("store.x");
    let installed = Installed::new();
    let mut server = installed.serve(&[
        "--count",
        "3",
        "--idl",
        idl.to_str().unwrap(),
        "--responses",
        script_file.to_str().unwrap(),
        "sunrpc+tcp://127.0.0.1:0",
    ]);
    let endpoint = server.endpoints[0].clone();
    let port = endpoint.trim_end_matches("/536870913/1").rsplit(':').next();
    let client = Command::new("timeout")
        .arg("60")
        .arg(folder.path().join("client"))
        .arg(port.unwrap())
        .output();
    let client = client.unwrap();
    let said = String::from_utf8_lossy(&client.stderr);
    assert!(client.status.success(), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&client.stdout),
        "sum 1\na 0 x 2 255 9007199254740993 y 2 2 -1\nb -1\n"
    );
    assert_eq!(server.line()["arguments"], json!([-2, 3]));
    assert_eq!(server.line()["result"], script["STORE_LIST"][0]["result"]);
    assert_eq!(server.line()["arguments"], json!(["b"]));
    server.end().check_result("");
}
