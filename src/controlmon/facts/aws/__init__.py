"""Views of what AWS answers."""
