job "größe" {
  meta {
    ключ = "日本語" + upperr("é")
  }
}
