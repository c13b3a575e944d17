//! Generates what Tauri compiles in: the window's permissions and the configuration.

const CAPABILITIES: &str = "./src-tauri/capabilities/**/*";

fn main() {
    // The build runs in the root folder, while the capabilities live with the Rust code. Without this line a
    // permission that was taken away would stay granted in what is built already.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern(CAPABILITIES);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
