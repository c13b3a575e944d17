//! A bare Tauri window: a page, one command, no plugin. The floor that the client's figures are compared with.

#[tauri::command]
fn greeting() -> &'static str {
    "Hello from Rust"
}

fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![greeting])
        .run(tauri::generate_context!())
        .expect("a window");
}
