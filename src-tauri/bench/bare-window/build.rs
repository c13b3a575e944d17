//! Generates what Tauri compiles in.

fn main() {
    tauri_build::build();
}
