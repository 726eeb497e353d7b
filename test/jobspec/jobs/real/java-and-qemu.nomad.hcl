job "java-and-qemu" {
  group "legacy" {
    task "java" {
      driver = "java"

      config {
        jar_path    = "local/app.jar"
        jvm_options = ["-Xmx512m", "-Xms256m"]
        args        = ["server"]
      }

      artifact {
        source = "https://example.com/app.jar"
      }

      resources {
        cpu    = 500
        memory = 700
      }
    }

    task "machine" {
      driver = "qemu"

      config {
        image_path        = "local/linux.img"
        accelerator       = "kvm"
        graceful_shutdown = true
        args              = ["-nodefaults", "-nodefconfig"]

        port_map {
          ssh = 22
        }
      }
    }
  }
}
