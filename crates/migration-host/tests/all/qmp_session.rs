//! A session as a function of bytes: greeting, negotiation, replies, and what comes of bad input.

use migration_host::qmp::session::{Output, Session};
use migration_host::runstate::Resting::Running;
use migration_host::runstate::Runstate::Own;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fake::Fakes;

const NEGOTIATE: &[u8] = b"{\"execute\": \"qmp_capabilities\"}\n";

/// What a session replies to `input` after it was negotiated.
fn replies(input: &[u8]) -> Vec<Value> {
    let fakes = Fakes::new(Own(Running));
    let mut session = Session::new(&*fakes.host);
    session.receive(NEGOTIATE, &mut |_| ());
    let mut replies = Vec::new();
    session.receive(input, &mut |output| match output {
        Output::Reply(value) => replies.push(value),
        Output::Negotiated(_) => panic!("a session is negotiated once"),
    });
    replies
}

/// The class and the description of the only reply.
fn error(input: &str) -> (String, String) {
    let replies = replies(input.as_bytes());
    assert_eq!(replies.len(), 1, "{input}: {replies:?}");
    let text = |name: &str| replies[0]["error"][name].as_str().unwrap().to_owned();
    (text("class"), text("desc"))
}

#[test]
fn the_greeting_has_a_version_and_no_capabilities() {
    let fakes = Fakes::new(Own(Running));
    let greeting = Session::new(&*fakes.host).greeting();
    assert_eq!(greeting["QMP"]["capabilities"], json!([]));
    assert!(greeting["QMP"]["version"]["qemu"]["major"].is_u64());
    assert!(greeting["QMP"]["version"]["package"].is_string());
}

#[test]
fn only_negotiation_comes_first_and_it_comes_once() {
    let fakes = Fakes::new(Own(Running));
    let mut session = Session::new(&*fakes.host);
    let mut outputs = Vec::new();
    session.receive(
        br#"{"execute": "query-status", "id": 1}
            {"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}, "id": 2}
            {"execute": "qmp_capabilities", "id": 3}
            {"execute": "qmp_capabilities", "id": 4}
            {"execute": "query-status", "id": 5}"#,
        &mut |output| {
            let (what, reply) = match output {
                Output::Reply(reply) => ("", reply),
                Output::Negotiated(reply) => (", negotiated", reply),
            };
            let class = reply["error"]["class"].as_str().unwrap_or("success");
            outputs.push(format!("{} {class}{what}", reply["id"]));
        },
    );
    let expected = ["1 CommandNotFound", "2 GenericError", "3 success, negotiated", "4 CommandNotFound", "5 success"];
    assert_eq!(outputs, expected);
}

#[test]
fn any_id_is_repeated() {
    for id in [json!(1), json!("a"), json!(null), json!([1, {"b": []}]), json!({"x": 1.5}), json!(true)] {
        for request in [json!({"execute": "query-name", "id": id}), json!({"execute": "nonsense", "id": id})] {
            assert_eq!(replies(request.to_string().as_bytes())[0]["id"], id);
        }
        let broken = json!({"exec": "query-name", "id": id});
        assert_eq!(replies(broken.to_string().as_bytes())[0]["id"], id);
    }
    assert_eq!(replies(br#"{"execute": "query-name"}"#)[0].get("id"), None);
}

#[test]
fn every_kind_of_mistake_has_one_clear_error() {
    let cases = [
        (r#"{"execute": "nonsense"}"#, "CommandNotFound", "there is no command `nonsense`"),
        (r#"{"execute": 5}"#, "GenericError", "member `execute` must be a string, not an integer"),
        (r#"{}"#, "GenericError", "a command must have the member `execute`"),
        (r#"[{"execute": "stop"}]"#, "GenericError", "a command must be an object, not a list"),
        (
            r#"{"execute": "stop", "argument": {}}"#,
            "GenericError",
            "a command has no member `argument` (it has `execute`, `arguments`, `id`)",
        ),
        (r#"{"execute": "stop", "arguments": []}"#, "GenericError", "member `arguments` must be an object, not a list"),
        (r#"{"exec-oob": "stop", "id": 1}"#, "GenericError", "out-of-band execution is not enabled; use `execute`"),
        (r#"{"execute": "migrate-continue"}"#, "GenericError", "argument `state` is missing"),
        (
            r#"{"execute": "migrate", "arguments": {"uri": ["tcp:a:1"]}}"#,
            "GenericError",
            "argument `uri` must be a string, not a list",
        ),
        (r#"{"execute": "stop" "id": 1}"#, "GenericError", "invalid JSON: expected `,` or `}`, found `\"`"),
        (
            r#"{"execute": "stop", "execute": "quit"}"#,
            "GenericError",
            "invalid JSON: member `execute` is given twice at line 1 column 38",
        ),
        ("stop", "GenericError", "invalid JSON: expected a JSON object, found `s`"),
    ];
    for (input, class, desc) in cases {
        assert_eq!(error(input), (class.to_owned(), desc.to_owned()), "{input}");
    }
}

#[test]
fn bad_utf_8_and_bad_escapes_are_errors_and_the_session_goes_on() {
    for bad in [&b"{\"execute\": \"st\xffop\"}"[..], b"{\"execute\": \"\\ud800\"}", b"{\"execute\": \"\\q\"}"] {
        let mut input = bad.to_vec();
        input.extend_from_slice(br#"{"execute": "query-name", "id": "next"}"#);
        let replies = replies(&input);
        assert!(replies[0]["error"]["desc"].as_str().unwrap().starts_with("invalid JSON"), "{replies:?}");
        assert_eq!(replies[1]["id"], "next");
    }
}

#[test]
fn a_command_after_a_mistake_is_answered() {
    let command = br#"{"execute":"query-name","id":7}"#;
    for mistake in [
        &b"{\"execute\":\"query-sta\xff"[..],
        b"{\"execute\":\xff",
        b"{\"execute\":\"query-sta\x1b",
        b"{\"a\":[[[\x1b",
        b"{\"execute\":\"query-name\",}",
        b"{\"execute\" \"}\\\"{\", {'}': [']']}} ",
        b"garbage ",
        b"\x1b\xff\0",
    ] {
        let replies = replies(&[mistake, &command[..], b"\n"].concat());
        assert!(
            replies[0]["error"]["desc"].as_str().is_some_and(|desc| desc.starts_with("invalid JSON")),
            "{replies:?}"
        );
        assert_eq!(
            replies.last().unwrap(),
            &json!({ "return": { "name": "fake" }, "id": 7 }),
            "{}",
            mistake.escape_ascii()
        );
        assert_eq!(replies.len(), 2, "{replies:?}");
    }
}

#[test]
fn texts_may_stand_in_single_quotes() {
    assert_eq!(
        replies(b"{'execute':'query-name','id':\"it's\"}"),
        [json!({ "return": { "name": "fake" }, "id": "it's" })]
    );
    assert_eq!(replies(br#"{'execute':'query-name','id':'a "b" \'c\''}"#)[0]["id"], "a \"b\" 'c'");
    assert_eq!(replies(b"{'execute':\"query-name','id':1}\n{'execute':'query-name'}").len(), 2);
}

#[test]
fn a_line_without_end_is_refused_once_and_not_kept() {
    let mut input = b"{\"execute\": \"".to_vec();
    input.resize(8 << 20, b'x');
    input.extend_from_slice(b"\"}\n{\"execute\": \"query-name\", \"id\": 7}");
    let replies = replies(&input);
    assert_eq!(replies.len(), 2);
    assert_eq!(replies[0]["error"]["desc"], "invalid JSON: longer than 1048576 bytes");
    assert_eq!(replies[1]["id"], 7);
}

proptest! {
    #[test]
    fn no_bytes_break_a_session(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut input = bytes;
        input.extend_from_slice(b"\n\"\n}\n{\"execute\": \"query-name\", \"id\": \"alive\"}");
        let replies = replies(&input);
        let last = replies.last().and_then(|reply| reply.get("id")).cloned();
        prop_assert_eq!(last, Some(json!("alive")));
    }

    #[test]
    fn nothing_that_looks_like_json_breaks_a_session(
        text in r#"([{}\[\]:, \n"\\]|"execute"|"id"|"stop"|"arguments"|null|-1|1e999){0,60}"#,
    ) {
        for reply in replies(text.as_bytes()) {
            prop_assert!(reply.get("return").is_some() != reply.get("error").is_some());
        }
    }

    #[test]
    fn packets_do_not_matter(cuts in prop::collection::vec(0..200_usize, 0..6)) {
        let input = br#" {"execute": "query-name", "id": "}"} {"execute": "stop"}[] {"execute":
            "query-status", "id": {"a": [1]}}{"execute": "cont"} nonsense
            {"execute": "query-commands"}"#;
        let fakes = Fakes::new(Own(Running));
        let mut session = Session::new(&*fakes.host);
        session.receive(NEGOTIATE, &mut |_| ());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(input.len())).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let mut parts = Vec::new();
        for pair in cuts.windows(2) {
            session.receive(&input[pair[0]..pair[1]], &mut |output| parts.push(output));
        }
        let whole: Vec<Output> = replies(input).into_iter().map(Output::Reply).collect();
        prop_assert_eq!(parts, whole);
    }
}
