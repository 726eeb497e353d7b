job "x" {
  group "g" {
    service {
      connect { sidecar_service {} }
    }
  }
}
